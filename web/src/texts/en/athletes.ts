import { count } from "./count";

export const athletes = {
  title: "Athletes",
  lead: "Who shares their training with you, and whom to look at first. What a provider’s terms keep from others, Strava’s for one, is in none of these figures. Each athlete sees when you looked.",
  table: "Athletes who share with you",
  athlete: "Athlete",
  last: "Last workout",
  week: "Load this week",
  weekBefore: (value: string) => `last week ${value}`,
  without: (n: number) => `${count(n, "workout")} without load`,
  form: "Form",
  fitness: "Fitness",
  fatigue: "Fatigue",
  attention: "Look at",
  nothing: "Nothing",
  unknown: "Not known",
  warnings: {
    noWorkouts: "No workout that you may see",
    notShared: "Shares no workouts",
    quiet: (days: number) => `No workout for ${count(days, "day")}`,
    strain: "High strain",
    noLoad: "Load can’t be told: no thresholds",
    ends: (day: string) => `Shares until ${day}`,
  },
  emptyTitle: "Nobody shares their training with you yet",
  emptyText:
    "An athlete of your organization shares it in their settings, under Sharing, by choosing you. They can end it whenever they like.",
  toSharing: "See what is shared",
  all: "All athletes",
  sharedWithYou: "Shared with you, in words meant for the athlete. They see when you looked.",
  noWorkouts:
    "There is no workout that you may see: none is recorded, none is shared, or a provider’s terms keep them from others.",
  noLoad:
    "There is no load that you may see: no workout is shared, thresholds are missing, or a provider’s terms keep it from others.",
  noBody: "Nothing about sleep and body is shared with you, or there is nothing yet.",
  pages: "Pages of this athlete",
};
