// The REST API, a method per endpoint, in the order of api/routes.def.
//
// Every method resolves to the parsed answer (null for 204) or throws
// ApiError; a network that fails is an ApiError of status 0.

const REQUEST_MAX_MS = 30_000

export class ApiError extends Error {
  constructor(status, { code, detail, errors, retry_after_ms } = {}) {
    super(`${status} ${code}${detail ? `: ${detail}` : ""}`)
    this.name = "ApiError"
    this.status = status
    this.code = code
    this.detail = detail
    this.errors = errors ?? []
    this.retry_after_ms = retry_after_ms ?? 0
  }

  // The same request may succeed later, unchanged.
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500 ||
      this.code === "in_progress"
  }
}

export class Api {
  #url
  #token
  #fetch

  // url: where the site is, "" for the page's own.  token: a bearer token, or
  // a function (it may be async) that tells it; without one, the cookie.
  constructor({ url = "", token = null, fetch = globalThis.fetch } = {}) {
    this.#url = url.replace(/\/$/, "")
    this.#token = token
    this.#fetch = fetch
  }

  get url() {
    return this.#url
  }

  get hasToken() {
    return this.#token !== null
  }

  findUsers(query) { return this.#call("GET", `/users${search({ query })}`) }
  register(fields) { return this.#call("POST", "/users", fields) }
  user(id) { return this.#call("GET", `/users/${Number(id)}`) }

  sessions() { return this.#call("GET", "/sessions") }
  logIn(username, password) { return this.#call("POST", "/sessions", { username, password }) }
  logOut() { return this.#call("DELETE", "/sessions/current") }
  endSession(id) { return this.#call("DELETE", `/sessions/${Number(id)}`) }
  ticket() { return this.#call("POST", "/tickets") }

  start() { return this.#call("GET", "/start") }
  events(since) { return this.#call("GET", `/events${search({ since })}`) }

  me() { return this.#call("GET", "/me") }
  changeMe(fields) { return this.#call("PATCH", "/me", fields) }
  changePassword(current_password, new_password) {
    return this.#call("POST", "/me/password", { current_password, new_password })
  }
  unread() { return this.#call("GET", "/me/unread") }

  sendTo(to, fields) { return this.#call("POST", "/messages", { to, ...fields }) }

  conversations(filter) { return this.#call("GET", `/conversations${search(filter)}`) }
  createConversation(fields) { return this.#call("POST", "/conversations", fields) }
  conversation(id) { return this.#call("GET", `/conversations/${Number(id)}`) }
  members(id, page) { return this.#call("GET", `/conversations/${Number(id)}/members${search(page)}`) }
  messages(id, page) { return this.#call("GET", `/conversations/${Number(id)}/messages${search(page)}`) }
  send(id, fields) { return this.#call("POST", `/conversations/${Number(id)}/messages`, fields) }
  read(id, up_to) { return this.#call("POST", `/conversations/${Number(id)}/read`, { up_to }) }
  delivered(id, up_to) { return this.#call("POST", `/conversations/${Number(id)}/delivered`, { up_to }) }
  markUnread(id, from) { return this.#call("POST", `/conversations/${Number(id)}/unread`, { from }) }
  typing(id, typing, activity = "text") {
    return this.#call("POST", `/conversations/${Number(id)}/typing`, { typing, activity })
  }

  // The next page of a list: what its "next" says.
  page(next) {
    if (!next.startsWith("/api/v1/")) throw new TypeError(`not a page of this API: ${next}`)
    return this.#call("GET", next.slice("/api/v1".length))
  }

  // The address of a push stream.
  streamUrl(path, parameters) {
    return this.#url + path + search(parameters)
  }

  async headers() {
    if (!this.hasToken) return {}
    const token = typeof this.#token === "function" ? await this.#token() : this.#token
    return { Authorization: `Bearer ${token}` }
  }

  async #call(method, path, body) {
    const headers = await this.headers()
    if (body !== undefined) headers["Content-Type"] = "application/json"
    const response = await this.#reach(`${this.#url}/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal: AbortSignal.timeout(REQUEST_MAX_MS),
    })
    if (!response.ok) throw await refusal(response)
    if (response.status === 204) return null
    return response.json().catch(unreachable)
  }

  #reach(address, options) {
    const fetch = this.#fetch
    return fetch(address, options).catch(unreachable)
  }
}

// The ApiError that a response other than 2xx stands for.
export async function refusal(response) {
  const problem = await response.json().catch(() => null)
  const seconds = Number(response.headers.get("Retry-After"))
  return new ApiError(response.status, {
    code: problem?.code ?? "unknown",
    detail: problem?.detail,
    errors: problem?.errors,
    retry_after_ms: Number.isFinite(seconds) ? seconds * 1000 : 0,
  })
}

function unreachable(error) {
  throw new ApiError(0, { code: "network", detail: error.message })
}

// "?a=1&b=2" of what is set, or "".
function search(parameters = {}) {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null)
  return set.length ? `?${new URLSearchParams(set)}` : ""
}
