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
    seconds > 0 ? `You can try again in ${count(Math.ceil(seconds), "second")}.` : "You can try again now.",
  forbiddenTitle: "You have no access to this",
  forbiddenText: "Ask an owner of your organization if you think you should.",
  goneTitle: "This is not here",
  goneText: "It may have been deleted, combined with another, or the address has a mistake.",
  requestId: "Request",
  crashTitle: "This page has stopped working",
  crashText: "Reload it to go on. Your data are safe on the server.",
  reload: "Reload the page",
  notFoundTitle: "There is no such page",
  notFoundText: "The address may have a mistake, or the page has moved.",
  toWorkouts: "Go to workouts",
};
