export const notices = {
  title: "Notices",
  lead: "What has happened that concerns you in this organization.",
  bell: (unread: string | null) => (unread ? `Notices, ${unread} unread` : "Notices"),
  unread: (unread: string) => `Unread notices: ${unread}`,
  list: "Notices",
  show: "Which notices",
  all: "All",
  onlyUnread: "Unread",
  isUnread: "Unread",
  markRead: (title: string) => `Mark as read: ${title}`,
  markAll: "Mark all as read",
  choose: "Choose what you are told",
  emptyTitle: "No notices yet",
  emptyText: "A finished export, an upload with refused files, another role: what concerns you appears here.",
  allReadTitle: "Nothing unread",
  allReadText: "You have seen everything that you were told.",
  showAll: "Show all",
};

export const noticeChoices = {
  tab: "Notices",
  title: "Notices",
  lead: "Of what you are told, and how. It holds for all your organizations.",
  list: "Kinds of notices",
  inApp: "On the page",
  mail: "By mail",
  always: "Always told, so that nobody can do it unseen.",
};
