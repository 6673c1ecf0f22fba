// The colours of weights: a ramp whose lightness is strictly monotone and nearly linear in OKLab,
// so that it reads in grey and with any colour vision. It starts at the colour of the background.

const STEPS = 256;
// [lightness, chroma, hue in degrees] of OKLCH at equal distances
const STOPS = {
  light: [[0.97, 0.012, 95], [0.86, 0.075, 130], [0.7, 0.1, 185], [0.5, 0.11, 240], [0.27, 0.1, 275]],
  dark: [[0.25, 0.02, 275], [0.4, 0.1, 275], [0.57, 0.11, 240], [0.76, 0.11, 180], [0.95, 0.1, 105]],
};

const ramps = {};

/** CSS colour of a weight of 0 to 1 in a theme, "light" or "dark". */
export function colorOf(weight, theme) {
  const step = Math.round(Math.min(1, Math.max(0, weight)) * (STEPS - 1));
  return ramp(theme)[step].css;
}

/** CSS colour of text on the colour of a weight. */
export function inkOn(weight, theme) {
  const step = Math.round(Math.min(1, Math.max(0, weight)) * (STEPS - 1));
  return ramp(theme)[step].lightness > 0.62 ? "#15171c" : "#ffffff";
}

function ramp(theme) {
  ramps[theme] ??= Array.from({ length: STEPS }, (_, step) => shade(STOPS[theme], step / (STEPS - 1)));
  return ramps[theme];
}

function shade(stops, at) {
  const place = at * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const mix = place - low;
  // mixed as OKLab, since hues far apart would pass through others
  const [from, to] = [lab(stops[low]), lab(stops[low + 1])];
  const color = from.map((value, axis) => value + (to[axis] - value) * mix);
  return { lightness: color[0], css: `rgb(${rgb(color).join(" ")})` };
}

function lab([lightness, chroma, hue]) {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** OKLab to sRGB of 0 to 255 (Ottosson 2020). */
function rgb([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((linear) => {
    const light = Math.min(1, Math.max(0, linear));
    const encoded = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255);
  });
}
