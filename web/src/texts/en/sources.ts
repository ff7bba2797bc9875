import { count } from "./count";

export const sources = {
  title: "Sources",
  lead: "Services that have your training. Connect one, and what it records comes here by itself.",
  list: "Your sources",
  words: {
    syncing: "Syncing",
    connected: "Up to date",
    waiting: "Waiting",
    needs_reauth: "Connect again",
    expired: "Access ended",
    failing: "Failing",
    paused: "Paused",
  },
  first: (title: string) =>
    `Everything that ${title} has is on its way, the newest first. You can leave this page.`,
  looking: "Looking for what is new.",
  soFar: (n: number) => `${count(n, "workout")} so far`,
  progress: (title: string) => `Sync of ${title}`,
  last: (when: string) => `Last synced ${when}.`,
  never: "Nothing has come yet.",
  next: (when: string) => `Next by itself ${when}.`,
  limit: (title: string, when: string) =>
    `${title} lets us ask only so often, and for now that is used up. It goes on by itself ${when}.`,
  history: (title: string, when: string) =>
    `${title} lets us ask only so often. What is new still comes; what is older goes on by itself ${when}.`,
  away: (title: string, when: string) => `${title} did not answer. We ask again ${when}.`,
  reauth: (title: string) =>
    `${title} does not let us in any more. Connect it again; what it brought before is still here.`,
  failing: (title: string) =>
    `${title} could not be reached for a day, so we stopped asking. Sync when it is back; what it brought is still here.`,
  paused: (title: string) =>
    `${title} answers in a way that we don’t understand, so we stopped before anything got lost. We have been told, and go on once it is mended.`,
  brought: "Workouts from here",
  alone: "Only from here",
  used: (used: string, limit: string) => `${used} of ${limit} requests,`,
  usedLabel: "Limit used",
  resets: (when: string) => `reset ${when}`,
  sync: "Sync now",
  syncOf: (title: string) => `Sync now: ${title}`,
  often: "Ten syncs of a source an hour are started by hand. By itself it goes on as before.",
  synced: (title: string) => `${title} is asked for what is new.`,
  again: "Connect again",
  againOf: (title: string) => `Connect again: ${title}`,
  disconnect: "Disconnect",
  disconnectOf: (title: string) => `Disconnect ${title}`,
  disconnectTitle: (title: string) => `Disconnect ${title}?`,
  disconnectText: (title: string) =>
    `We give our access back, and nothing more comes from ${title}. At ${title} itself nothing is deleted.`,
  goes: (n: number) =>
    n === 0
      ? "No workout is deleted here."
      : `${count(n, "workout")} that nothing else has recorded ${n === 1 ? "is" : "are"} deleted here.`,
  stays: (n: number) =>
    `${count(n, "workout")} that a file or another source has too ${n === 1 ? "stays, made" : "stay, made"} of that.`,
  disconnected: (title: string) => `${title} is disconnected.`,
  disconnectedText: "What only it has brought is being removed.",
  terms: (title: string) => `What ${title} lets us do with it`,
  keeps: (days: number | null) =>
    days === null
      ? "It stays for as long as your organization keeps it."
      : `It stays for ${days} days at most, then goes, unless a file or device of yours has it too. Upload your archive to keep all.`,
  shared: (yes: boolean) =>
    yes
      ? "A coach sees it if you let them."
      : "A coach does not see it, whatever you share, nor what is made of it alone.",
  modelled: (yes: boolean) =>
    yes
      ? "The chat may answer from it."
      : "The chat does not answer from it, nor from what is made of it alone.",
  combined: (yes: boolean) =>
    yes ? "It is combined with what else you recorded." : "It is not combined with what else you recorded.",
  several: "A workout that several of them have is one workout here.",
  order: "Whose word counts first",
  more: "Connect another",
  begin: "Connect",
  connect: "Connect",
  connectOf: (title: string) => `Connect ${title}`,
  connecting: "You go to its own page, where you allow it. We never see your password there.",
  keyTitle: (title: string) => `Connect ${title}`,
  keyText: (title: string) =>
    `${title} has no page on which you allow it. Make a key for yourself there and put it here; never your password. We keep it encrypted and show it to nobody.`,
  key: "Key",
  keyEnds: "It ends on",
  keyEndsHint: "As it says there, if it does. We remind you a week before.",
  emptyTitle: "Connect what records your training",
  emptyText:
    "Choose a service below. You allow it on its own page, and its workouts come here, the newest first; later ones follow by themselves. Recordings on your disk can be uploaded instead.",
  upload: "Upload files",
  notHere: "Not to be connected here",
  notSetUp: (title: string) =>
    `This Rowhouse has no access to ${title} of its own, or it is switched off. Who runs it can set it up; until then, upload files from there.`,
  connected: (title: string) => `${title} is connected`,
  connectedText: "What it has is on its way, the newest first.",
  refusedTitle: "Not connected",
  refused: {
    oauth_denied: "You or the service said no. Nothing was connected; you can try again.",
    oauth_state_invalid: "This took too long, or was begun in another browser. Begin again.",
    scope_missing:
      "You left out a permission that is needed to read your workouts. Connect again and leave it ticked.",
    connected_as_another: "You are connected to another account of this service. Disconnect that one first.",
    source_ending: "What your former connection brought is still being removed. Connect again in a moment.",
    provider_away: "The service can’t be reached just now. Try again in a moment.",
    service_unknown: "This service can’t be connected here any more.",
  } as Record<string, string>,
  refusedOtherwise: "That did not work. Try again; nothing has changed.",
};
