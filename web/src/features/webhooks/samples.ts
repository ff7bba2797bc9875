/** Programs that verify a message, in the words of each language; the libraries are the specification's own. */
export const SAMPLES: readonly (readonly [language: string, title: string, code: string])[] = [
  [
    "python",
    "Python",
    `# pip install standardwebhooks
from standardwebhooks import Webhook

event = Webhook(SECRET).verify(request.body, dict(request.headers))
if not seen_before(request.headers["webhook-id"]):
    handle(event["type"], event["data"])`,
  ],
  [
    "javascript",
    "JavaScript",
    `// npm install standardwebhooks
import { Webhook } from "standardwebhooks";

const event = new Webhook(SECRET).verify(rawBody, request.headers);
if (!(await seenBefore(request.headers["webhook-id"])))
  await handle(event.type, event.data);`,
  ],
  [
    "shell",
    "Shell",
    `key=$(printf %s "\${SECRET#whsec_}" | base64 -d | xxd -p -c 256)
printf '%s.%s.%s' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP" "$BODY" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64
# equals what follows "v1," in webhook-signature`,
  ],
];
