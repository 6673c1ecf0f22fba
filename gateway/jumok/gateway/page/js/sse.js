// Server-sent events of a response to a POST request, which EventSource cannot make.

/** Yield {event, data} for each event of a response; data is parsed JSON. */
export async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      waiting = (waiting + (value ?? "")).replaceAll("\r\n", "\n");
      const blocks = waiting.split("\n\n");
      waiting = done ? "" : blocks.pop();
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue; // a comment, such as a ping
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (line.startsWith("event:")) event = value;
    else if (line.startsWith("data:")) data.push(value);
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
