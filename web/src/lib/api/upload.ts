import { ApiProblem, OFFLINE, problemOf } from "./problem";
import { csrfToken, mended, presentSession, renewIfDue } from "./session";

const PATH = "/api/v1/uploads";

/**
 * Sends files in one request and answers with the id of the job that reads them. `onSent` hears the bytes that
 * have left (fetch can't tell, hence XMLHttpRequest). Throws `ApiProblem`; aborting throws an AbortError.
 */
export async function uploadFiles(
  files: readonly File[],
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  await renewIfDue();
  const session = presentSession();
  try {
    return await once(files, onSent, signal);
  } catch (error) {
    if (!(error instanceof ApiProblem) || !(await mended(error, session))) throw error;
    return once(files, onSent, signal);
  }
}

async function once(
  files: readonly File[],
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  const token = await csrfToken();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", PATH);
    request.setRequestHeader("X-CSRF-Token", token);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onerror = () => reject(new ApiProblem(OFFLINE));
    request.onabort = () => reject(new DOMException("The upload was stopped", "AbortError"));
    request.onload = () => {
      const headers = { get: (name: string) => request.getResponseHeader(name) };
      if (request.status >= 200 && request.status < 300)
        resolve((JSON.parse(request.responseText) as { data: { job_id: string } }).data.job_id);
      else reject(problemOf(request.status, headers, request.responseText));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
