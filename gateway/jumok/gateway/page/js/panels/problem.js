// What to say about an error.

import { t } from "../language.js";

export function problemText(error) {
  return error.status ? error.message : t("error_connection");
}
