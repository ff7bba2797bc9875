import { expect, it } from "vitest";
import { actionName, actorName, shown } from "./naming";

it("says changes of tables and events as one would", () => {
  expect(actionName("kernel.accounts.update")).toBe("Accounts changed");
  expect(actionName("kernel.api_keys.insert")).toBe("Api keys added");
  expect(actionName("auth.sign_in")).toBe("Auth: sign in");
  expect(actionName("health_data.read")).toBe("Health data: read");
});

it("knows a member, a former one, an operator and the system", () => {
  const ada = { account_id: "1", user_id: "2", name: "Ada" };
  expect(actorName({ actor: ada, operator_id: null })).toBe("Ada");
  expect(actorName({ actor: { ...ada, name: null }, operator_id: null })).toBe("A former member");
  expect(actorName({ actor: null, operator_id: "3" })).toBe("Operator");
  expect(actorName({ actor: null, operator_id: null })).toBe("The system");
});

it("tells nothing from a word, and false and zero from nothing", () => {
  expect(shown(null)).toBe("nothing");
  expect(shown(false)).toBe("false");
  expect(shown(0)).toBe("0");
  expect(shown({ a: [1] })).toBe('{"a":[1]}');
});
