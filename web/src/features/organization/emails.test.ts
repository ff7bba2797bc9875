import { describe, expect, it } from "vitest";
import { emailsIn } from "./emails";

describe("emailsIn", () => {
  it("takes commas, semicolons, spaces and lines", () =>
    expect(emailsIn("a@x.org, b@x.org;c@x.org\nd@x.org e@x.org").emails).toEqual([
      "a@x.org",
      "b@x.org",
      "c@x.org",
      "d@x.org",
      "e@x.org",
    ]));
  it("takes the address out of a name with brackets", () =>
    expect(emailsIn("Ada Byron <ada@x.org>, Bo <bo@y.co.uk>")).toEqual({
      emails: ["ada@x.org", "bo@y.co.uk"],
      wrong: [],
    }));
  it("counts an address once, whatever its case", () =>
    expect(emailsIn("Ada@x.org ada@X.org").emails).toHaveLength(1));
  it("names what is none", () =>
    expect(emailsIn("ada, bo@nowhere, @x.org, <>, c@x.org").wrong).toEqual(["ada", "bo@nowhere", "@x.org"]));
  it("finds nothing in nothing", () => expect(emailsIn(" \n , ")).toEqual({ emails: [], wrong: [] }));
});
