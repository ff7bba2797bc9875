export const docs = {
  errorsTitle: "Error codes",
  errorsLead:
    "Every error of the API is answered as application/problem+json. Its code is one of these and keeps its meaning; its request_id finds it in the logs.",
  api: "API documentation",
  code: "Code",
  status: "Status",
  meaning: "Meaning",
};
