/** An address that mail could reach, as far as its form tells. */
const EMAIL = /^[^\s@,;<>"]+@[^\s@,;<>".]+(\.[^\s@,;<>".]+)+$/;
export const MOST_AT_ONCE = 20;

/** The addresses in what somebody typed or pasted, each once: `Ada <ada@example.org>, bo@example.org`. */
export function emailsIn(text: string): { emails: string[]; wrong: string[] } {
  const emails = new Map<string, string>();
  const wrong: string[] = [];
  for (const entry of text.split(/[,;\n]+/)) {
    const framed = entry.match(/<([^<>]*)>/)?.[1];
    for (const word of framed === undefined ? entry.split(/\s+/) : [framed.trim()]) {
      if (!word) continue;
      if (EMAIL.test(word)) emails.set(word.toLowerCase(), word);
      else wrong.push(word);
    }
  }
  return { emails: [...emails.values()], wrong };
}
