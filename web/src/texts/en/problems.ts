import { count } from "./count";

export const problems = {
  offlineTitle: "The server can’t be reached",
  offlineText:
    "Check your connection. Nothing you saved is lost; this page tries again when you are back online.",
  offlineBar: "You are offline. What you see may be out of date.",
  serverTitle: "That did not work",
  serverText: "The fault is ours, not yours. What was saved before is safe.",
  tooManyTitle: "Too many requests",
  tooManyText: (seconds: number) =>
    seconds > 0
      ? `You can try again in ${seconds < 120 ? count(Math.ceil(seconds), "second") : count(Math.ceil(seconds / 60), "minute")}.`
      : "You can try again now.",
  unprovedTitle: "Nothing was changed",
  unprovedText: "This needs a fresh proof that it is you. Try again when you can give it.",
  forbiddenTitle: "You have no access to this",
  forbiddenText: "Ask an owner of your organization if you think you should.",
  readOnlyTitle: "You are only looking",
  readOnlyText: "An operator sees what the account sees and can change nothing. Nothing was changed.",
  goneTitle: "This is not here",
  goneText: "It may have been deleted, combined with another, or the address has a mistake.",
  requestId: "Request",
  crashTitle: "This page has stopped working",
  crashText: "Reload it to go on. Your data are safe on the server.",
  reload: "Reload the page",
  notFoundTitle: "There is no such page",
  notFoundText: "The address may have a mistake, or the page has moved.",
  toWorkouts: "Go to workouts",
  toStart: "Go to Rowhouse",
};
