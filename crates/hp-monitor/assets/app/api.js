// Questions to the API, with the key if it asks for one.

const KEY = 'hp-key';

/** An answer that is none, or no answer. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when nobody answered
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @type {(refused: boolean) => Promise<string>} */
let enterKey = () => Promise.reject(new ApiError(401, 'a key is needed'));

/** @type {Promise<void> | null} */
let entering = null;

/**
 * Says how a key is asked for; `refused` when the last one was wrong.
 * @param {(refused: boolean) => Promise<string>} ask
 */
export function onKeyNeeded(ask) {
  enterKey = ask;
}

/** Whether a key has been entered. */
export function hasKey() {
  return sessionStorage.getItem(KEY) !== null;
}

/**
 * The JSON at `path`.
 * @param {string} path relative to the page
 * @param {URLSearchParams | null} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(path, query, signal) {
  return (await request(path, query, signal)).json();
}

/**
 * The address of `path`.
 * @param {string} path
 * @param {URLSearchParams | null} [query]
 */
export function address(path, query) {
  const url = new URL(path, document.baseURI);
  url.search = query?.toString() ?? '';
  return url;
}

/**
 * The answer at `path`, which is a good one.
 * @param {string} path
 * @param {URLSearchParams | null} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function request(path, query, signal) {
  for (;;) {
    const key = sessionStorage.getItem(KEY);
    /** @type {Record<string, string>} */
    const headers = key === null ? {} : { Authorization: `Bearer ${key}` };
    let response;
    try {
      response = await fetch(address(path, query), { headers, signal: signal ?? null });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, 'The monitor does not answer. It is asked again every few seconds.');
    }
    if (response.ok) return response;
    if (response.status !== 401) throw new ApiError(response.status, await reason(response));
    // Somebody else may have entered one in the meantime.
    if (sessionStorage.getItem(KEY) === key) await newKey(key !== null);
    signal?.throwIfAborted();
  }
}

/**
 * Asks for a key once, however many questions wait for it.
 * @param {boolean} refused
 */
function newKey(refused) {
  entering ??= enterKey(refused)
    .then((key) => sessionStorage.setItem(KEY, key))
    .finally(() => {
      entering = null;
    });
  return entering;
}

/**
 * Why there is no answer, in the words of the API.
 * @param {Response} response
 */
async function reason(response) {
  /** @type {any} */
  const body = await response.json().catch(() => null);
  const detail = body?.detail;
  if (Array.isArray(detail)) {
    return detail.map((it) => `${it.loc?.at(-1) ?? 'request'}: ${it.msg}`).join(' · ');
  }
  return typeof detail === 'string' ? detail : `The monitor answered ${response.status}.`;
}
