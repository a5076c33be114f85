// Readers: each keeps what it hears, connection by connection, and when it is
// cut off comes back from where it was, without dropping anything.
import EventSource from "eventsource"
import WebSocket from "ws"
import { pause, until } from "../lib/wait.mjs"

const PATIENCE_MS = 30_000
const RETRY_MS = 50
const POLL_MS = 100

// The stored ones, and those that are about the stream.
const TYPES = [
  "hello", "resync", "session_ended", "chat_message", "message_read", "message_delivered", "conversation_refresh",
  "user_updated",
]

class Reader {
  connections = []
  resyncs = 0
  isOpen = false // it has heard hello on its present connection
  refusal = null // what no retry will mend

  // conversation_id: the only one to hear, else all.
  constructor({ name, url, user, conversations, since, conversation_id = null }) {
    Object.assign(this, { name, url, user, user_id: user.user_id, since, conversation_id })
    this.conversations = new Set(conversation_id ? [conversation_id] : conversations)
  }

  get headers() {
    return { Authorization: `Bearer ${this.user.token}` }
  }

  // Where to go on from: what was heard last.
  get cursor() {
    return this.connections.findLast((events) => events.length > 0)?.at(-1).event_id ?? this.since
  }

  async open() {
    this.connect()
    await until(() => this.isOpen || this.refusal, `hello to ${this.name}`, PATIENCE_MS)
    if (this.refusal) throw new Error(`${this.name}: ${this.refusal}`)
  }

  begin() {
    this.connections.push([])
  }

  hear({ type, event_id, conversation_id, seq, message_id, no, message, resumed }) {
    if (type === "hello") {
      this.isOpen = true
      if (!resumed) this.resyncs++
    } else if (type === "resync") this.resyncs++
    else if (event_id !== undefined)
      this.connections.at(-1).push({
        event_id, type, conversation_id, seq, message_id, no, message, at: performance.now(),
      })
  }

  // The connection is gone, or was refused with a status.
  async again(status = 0) {
    this.isOpen = false
    if (status >= 400 && status < 500) this.refusal = `refused with ${status}`
    await pause(RETRY_MS)
    if (!this.isClosed && !this.refusal) this.connect()
  }

  close() {
    this.isClosed = true
    this.disconnect()
  }
}

// The package comes back by itself, but from an event whose first line alone
// it has read, if it was cut off there; so this comes back in its place.
export class SseReader extends Reader {
  #source = null

  connect() {
    const headers = { ...this.headers, "Last-Event-ID": String(this.cursor) }
    const source = new EventSource(this.#address(), { headers })
    this.#source = source
    source.onopen = () => this.begin()
    source.onerror = ({ status }) => {
      if (source !== this.#source) return
      this.disconnect()
      this.again(status)
    }
    for (const type of TYPES) source.addEventListener(type, ({ data }) => this.hear(JSON.parse(data)))
  }

  #address() {
    return `${this.url}/events${this.conversation_id ? `?conversation_id=${this.conversation_id}` : ""}`
  }

  disconnect() {
    this.#source?.close()
    this.#source = null
  }
}

export class SocketReader extends Reader {
  #socket = null

  connect() {
    let status
    const path = this.conversation_id ? `/ws/chat/${this.conversation_id}/` : "/ws"
    const address = `${this.url.replace(/^http/, "ws")}${path}?since=${this.cursor}`
    const socket = new WebSocket(address, { headers: this.headers })
    this.#socket = socket
    socket.on("open", () => this.begin())
    socket.on("message", (data) => this.hear(JSON.parse(data)))
    socket.on("unexpected-response", (_, response) => {
      status = response.statusCode
      socket.terminate()
    })
    socket.on("error", () => {}) // "close" follows
    socket.on("close", () => this.again(status))
  }

  disconnect() {
    this.#socket?.terminate()
  }
}

// GET /api/v1/events again and again, for whoever can only poll.
export class PollReader extends Reader {
  #next = null

  async connect() {
    this.begin()
    while (!this.isClosed) {
      const page = await this.#page()
      if (page) this.isOpen = true
      for (const event of page?.events ?? []) this.hear(event)
      this.#next = page?.next ?? this.#next
      if (!page?.events.length) await pause(POLL_MS)
    }
  }

  async #page() {
    try {
      const response = await fetch(`${this.url}/api/v1/events?since=${this.#next ?? this.since}`, {
        headers: this.headers,
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      return response.ok ? await response.json() : null
    } catch {
      return null
    }
  }

  disconnect() {}
}
