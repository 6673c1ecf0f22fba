// Translate one text and show, for each token, the source token that got most of the attention.
//
//   node translate.js TEXT [ADDRESS]

import { credentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { getProtoPath } from "google-proto-files";
import { fileURLToPath } from "node:url";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
const options = { longs: Number, enums: String, defaults: true, oneofs: true };
const jumok = loadPackageDefinition(
  loadSync("jumok/v1/translation.proto", { ...options, includeDirs: [proto] }),
).jumok.v1;
const rpc = loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"], {
  ...options,
  includeDirs: [getProtoPath("..")],
});

const [text, address = "localhost:50051"] = process.argv.slice(2);
if (text === undefined) {
  console.error("usage: node translate.js TEXT [ADDRESS]");
  process.exit(2);
}
const client = new jumok.TranslationService(address, credentials.createInsecure());
const call = client.translate(
  { text, attention: "ATTENTION_DENSE_BYTES" },
  { deadline: Date.now() + 10_000 },
);

const characters = [...text]; // offsets count code points, JavaScript's strings UTF-16 units
let source = [];

call.on("data", (response) => {
  if (response.event === "source") {
    source = response.source.tokens.map(
      ({ piece, start, end }) => characters.slice(start, end).join("") || piece,
    );
  } else if (response.event === "tokens") {
    for (const { text, attentionBytes } of response.tokens.tokens) {
      const attention = readFloats(attentionBytes); // one weight for each source token
      const best = attention.indexOf(Math.max(...attention));
      console.log(`${text}\t${source[best]}\t${attention[best].toFixed(2)}`);
    }
  } else {
    console.log(response.result.hypotheses[0].text);
  }
});

call.on("error", (error) => {
  console.error(`${status[error.code]}: ${error.details}`);
  for (const packed of error.metadata.get("grpc-status-details-bin")) {
    for (const { type_url, value } of rpc["google.rpc.Status"].deserialize(packed).details) {
      const type = type_url.split("/").pop();
      console.error(type, JSON.stringify(rpc[type].deserialize(value)));
    }
  }
  process.exitCode = 1;
});
call.on("status", () => client.close());

// float32, little-endian
function readFloats(bytes) {
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}
