import { expect, it } from "vitest";
import { elsewhere, jsonByHand, parsedByHand, toBytes, toText } from "./webauthn";

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

it("writes bytes as base64url without padding and reads them back", () => {
  expect(toText(bytes(251, 255, 190))).toBe("-_--");
  for (let length = 0; length < 9; length++) {
    const given = bytes(...Array.from({ length }, (_, at) => (at * 89 + 250) % 256));
    expect(toBytes(toText(given))).toEqual(new Uint8Array(given));
  }
});

it("turns every id and the challenge of options into bytes, and keeps the rest", () => {
  const found = parsedByHand({
    challenge: "AQI",
    rp: { id: "example.org" },
    user: { id: "Aw", name: "ada" },
    excludeCredentials: [{ id: "BA", type: "public-key" }],
    timeout: 9,
  });
  expect(found).toEqual({
    challenge: toBytes("AQI"),
    rp: { id: "example.org" },
    user: { id: toBytes("Aw"), name: "ada" },
    excludeCredentials: [{ id: toBytes("BA"), type: "public-key" }],
    timeout: 9,
  });
});

it("writes a credential as the browser would, leaving out what it lacks", () => {
  const response = { clientDataJSON: bytes(1), signature: bytes(2), userHandle: null };
  const credential = { id: "x", rawId: bytes(3), type: "public-key", response };
  expect(jsonByHand(credential as unknown as PublicKeyCredential)).toEqual({
    id: "x",
    rawId: "Aw",
    type: "public-key",
    response: { clientDataJSON: "AQ", signature: "Ag" },
    clientExtensionResults: {},
  });
});

it("knows where passkeys can be used", () => {
  const at = (address: string) => new URL(address);
  expect(elsewhere({ rpId: "example.org" }, at("https://example.org/sign-in"))).toBeNull();
  expect(elsewhere({ rpId: "example.org" }, at("https://app.example.org/"))).toBeNull();
  expect(elsewhere({ rp: { id: "localhost" } }, at("http://127.0.0.1:8000/x"))).toBe("http://localhost:8000");
  expect(elsewhere({ rpId: "example.org" }, at("https://badexample.org/"))).toBe("https://example.org");
});
