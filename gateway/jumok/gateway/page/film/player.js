// Which evaluation is shown, and the passage from one to the next.

const STAY = 450; // milliseconds that an evaluation stands still while the film plays
const PASS = 550; // milliseconds of the passage to another
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Goes through `count` frames; `draw(from, to, share)` draws a passage, share 0 to 1. */
export class Player {
  constructor({ draw, onChange }) {
    this.draw = draw;
    this.onChange = onChange;
    this.count = 0;
    this.index = 0; // that is shown, or passed to
    this.from = 0;
    this.speed = 1;
    this.playing = false;
    this.started = 0; // time at which the passage began
    this.frame = 0;
    this.timer = 0;
  }

  /** Take over a new number of frames; at the last frame, follow the training to the new last one. */
  setCount(count) {
    const last = this.index >= this.count - 1;
    const grew = this.count > 0 && count > this.count;
    this.count = count;
    if (grew && last && !this.playing) this.go(count - 1);
    else {
      // a training that was resumed at an earlier step has fewer
      this.index = Math.max(0, Math.min(this.index, count - 1));
      this.from = Math.max(0, Math.min(this.from, count - 1));
      this.redraw();
    }
    this.onChange();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.count < 2) return;
    this.playing = true;
    if (this.index === this.count - 1) this.jump(0);
    this.wait();
    this.onChange();
  }

  pause() {
    this.playing = false;
    clearTimeout(this.timer);
    this.onChange();
  }

  /** Pass to a frame. */
  go(index) {
    const wanted = Math.max(0, Math.min(this.count - 1, index));
    if (wanted === this.index) return;
    if (still.matches) {
      this.jump(wanted);
      return;
    }
    this.from = this.share() < 0.5 ? this.from : this.index;
    this.index = wanted;
    this.started = performance.now();
    this.frame ||= requestAnimationFrame(() => this.step());
    this.onChange();
  }

  /** Show a frame at once. */
  jump(index) {
    this.from = this.index = Math.max(0, Math.min(this.count - 1, index));
    this.redraw();
    this.onChange();
    if (this.playing) this.wait();
  }

  redraw() {
    if (this.count) this.draw(this.from, this.index, this.share());
  }

  share() {
    if (this.from === this.index) return 1;
    return Math.min(1, ((performance.now() - this.started) * this.speed) / PASS);
  }

  step() {
    this.frame = 0;
    const share = this.share();
    this.draw(this.from, this.index, share);
    if (share < 1) {
      this.frame = requestAnimationFrame(() => this.step());
      return;
    }
    this.from = this.index;
    if (this.playing) this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.index >= this.count - 1) this.pause();
      else this.go(this.index + 1);
    }, (still.matches ? STAY + PASS : STAY) / this.speed);
  }
}
