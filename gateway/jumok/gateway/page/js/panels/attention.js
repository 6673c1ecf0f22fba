// The panel with the attention of the translation.

import { element } from "../dom.js";
import { saveButtons } from "../export/buttons.js";
import { t } from "../language.js";
import { SentenceView } from "../sentence_view.js";

export class AttentionPanel {
  constructor(host, context) {
    this.context = context;
    this.empty = element("p", { class: "empty" });
    this.place = element("div");
    this.view = new SentenceView(this.place, {
      onPick: (row, anchor) => {
        const { tokens, end } = this.view.grid.rows[row];
        if (!end) context.pick(tokens, anchor);
      },
    });
    this.save = saveButtons(context);
    this.place.append(this.save.host);
    host.append(this.empty, this.place);
  }

  update() {
    const sentence = this.context.sentence();
    this.empty.textContent = t("nothing_yet");
    this.empty.hidden = Boolean(sentence);
    this.place.hidden = !sentence;
    if (!sentence) return;
    this.view.update(sentence, this.context.store.values);
    this.save.update();
  }
}
