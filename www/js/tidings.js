// The client library: one import for everything that Tidings offers.
//
//   import { Tidings } from "https://chat.example/js/tidings.js"
//
//   const tidings = new Tidings({ url: "https://chat.example", token })
//   tidings.on("start", (start) => ...)        // what GET /start answered
//   tidings.on("chat_message", (event) => ...) // any type of event, or "event"
//   tidings.on("connection", ({ state, transport, reason }) => ...)
//   await tidings.connect()
//   await tidings.send({ conversation_id: 7, message: "hello" })
//   await tidings.api.messages(7, { before: 120, limit: 50 })
//
// What it promises:
// - "start" comes first, and again whenever the state must be taken anew;
//   after it comes every event that is not in it, once, in order.
// - The connection is kept through every failure, over WebSocket,
//   server-sent events or polling, and shared by the tabs of a browser.  Its
//   state is "connecting", "live", "offline", or at last "ended" with the
//   reason: "revoked", "expired" or "disabled".
// - A message is sent once, however often it takes to be tried.
//
// It needs no other file than those in tidings/, and touches no document.

import { Api, ApiError } from "./tidings/api.js"
import { Backoff, Pause } from "./tidings/backoff.js"
import { Connection } from "./tidings/connection.js"
import { Emitter } from "./tidings/emitter.js"
import { newClientId, Outbox } from "./tidings/outbox.js"
import { Receipts } from "./tidings/receipts.js"
import { Repeats } from "./tidings/repeats.js"
import { Tabs } from "./tidings/tabs.js"

export { Api, ApiError, newClientId }
export * as inbox from "./tidings/inbox.js"

// How long a leading tab may take to say that it lives.
const LEADER_ANSWERS_MS = 5_000
const TYPING_EVERY_MS = 3_000

export class Tidings extends Emitter {
  #environment
  #timing
  #acknowledging
  #repeats = new Repeats()
  #tabs
  #connection
  #outbox
  #receipts
  #me = null
  #waiting = []
  #loading = false
  #closed = false
  #pause = new Pause()
  #state = { state: "connecting", transport: null }
  #leaderDeadline
  #typingTold = new Map()
  #forget = []

  // url and token: as for Api.  share: one connection among tabs.
  // acknowledge: tell the server of messages received.  environment and
  // timing stand in for the browser's own and for the usual times, in tests.
  constructor({ url = "", token = null, share = true, acknowledge = true, environment = {}, timing = {} } = {}) {
    super()
    this.#environment = { ...browser(), ...environment }
    this.#timing = { leader_ms: LEADER_ANSWERS_MS, ...timing }
    this.#acknowledging = acknowledge
    this.api = new Api({ url, token, fetch: this.#environment.fetch })
    const frame = (object) => this.#connection.send(object)
    this.#outbox = new Outbox({ api: this.api, frame, timing })
    this.#receipts = new Receipts({
      timing,
      tell: {
        read: async (id, up_to) => this.emit("marks", await this.api.read(id, up_to)),
        delivered: async (conversation_id, up_to) =>
          frame({ type: "delivered", conversation_id, up_to }) || this.api.delivered(conversation_id, up_to),
      },
    })
    this.#connection = new Connection({
      api: this.api,
      environment: this.#environment,
      timing,
      received: (event, after) => this.#fromServer(event, after),
      answered: (answer) => this.#outbox.answered(answer),
      changed: (state) => this.#leaderState(state),
    })
    this.#tabs = new Tabs({
      name: `tidings ${new URL(url, this.#environment.location).origin}`,
      heard: (message) => this.#fromTab(message),
      BroadcastChannel: share ? this.#environment.BroadcastChannel : undefined,
      locks: this.#environment.locks,
    })
  }

  // The state of the connection, as "connection" tells it.
  get connection() {
    return this.#state
  }

  // Resolves once "start" was told.  Throws ApiError if nobody is logged in.
  async connect() {
    this.#watchBrowser()
    await this.#load()
    if (this.#closed) return
    this.#tabs.stand(this.#me.id, () => this.#lead())
    this.#nudge()
  }

  close() {
    this.#closed = true
    this.#connection.stop()
    this.#receipts.stop()
    this.#tabs.close()
    this.#pause.wake()
    clearTimeout(this.#leaderDeadline)
    for (const forget of this.#forget.splice(0)) forget()
  }

  // {conversation_id | to, message, client_id?, reply_to?, topic?}: resolves
  // when the server has it.  Throws ApiError when it won't, or can't for long;
  // then the same client_id makes sending again safe.
  async send(message) {
    const sent = await this.#outbox.send(message)
    this.#typingTold.delete(sent.conversation_id)
    return sent
  }

  read(conversation_id, up_to) {
    this.#receipts.read(conversation_id, up_to)
  }

  // Call it at every keystroke: what needs telling is told.
  typing(conversation_id, typing) {
    const told_ms = this.#typingTold.get(conversation_id) ?? 0
    if (typing ? Date.now() - told_ms < TYPING_EVERY_MS : told_ms === 0) return
    if (typing) this.#typingTold.set(conversation_id, Date.now())
    else this.#typingTold.delete(conversation_id)

    const frame = { type: "typing", conversation_id, typing, activity: "text" }
    // Of the moment: if it can't be told, it need not be.
    if (!this.#connection.send(frame)) this.api.typing(conversation_id, typing).catch(() => {})
  }

  // Take the state anew: "start" comes again.
  async reload() {
    if (this.#loading || this.#closed) return
    try {
      await this.#load()
    } catch (error) {
      if (error.status === 401) this.#become({ state: "ended", transport: null, reason: "expired" })
      else throw error
    }
  }

  async #load() {
    this.#loading = true
    try {
      const start = await this.#fetchStart()
      if (!start) return
      this.#me = start.me
      this.#repeats.startFrom(start)
      this.emit("start", start)
      this.#acknowledgeAll(start.conversations)
    } finally {
      this.#loading = false
    }
    // What came meanwhile: the snapshot may not cover it.
    for (const { event, after, user_id } of this.#waiting.splice(0))
      if (user_id === this.#me.id) this.#ingest(event, after)
  }

  async #fetchStart() {
    const backoff = new Backoff(this.#timing)
    while (!this.#closed) {
      try {
        return await this.api.start()
      } catch (error) {
        if (!error.passing) throw error
        this.#become({ state: "offline", transport: null })
        await this.#pause.wait(Math.max(error.retry_after_ms, backoff.next()))
      }
    }
    return null
  }

  #lead() {
    clearTimeout(this.#leaderDeadline)
    this.#connection.run(this.#repeats.cursor)
  }

  #fromServer(event, after) {
    this.#tabs.tell({ kind: "event", user_id: this.#me.id, event, after })
    this.#ingest(event, after)
  }

  #leaderState(state) {
    if (state.transport !== "websocket") this.#outbox.unanswered()
    this.#tabs.tell({ kind: "state", user_id: this.#me.id, state, position: this.#connection.position })
    this.#become(state)
  }

  // A leading tab tells events and its state; a follower nudges it.
  #fromTab({ kind, user_id, event, after, state, position }) {
    if (this.#me === null) {
      if (this.#loading && kind === "event") this.#waiting.push({ event, after, user_id })
    } else if (user_id !== this.#me.id) {
      return
    } else if (kind === "event") {
      this.#ingest(event, after)
    } else if (kind === "nudge" && this.#tabs.leading) {
      this.#connection.nudge()
      this.#leaderState(this.#connection.state)
    } else if (kind === "state" && !this.#tabs.leading) {
      clearTimeout(this.#leaderDeadline)
      this.#become(state)
      if (position > this.#repeats.cursor) this.reload()
    }
  }

  // after: the position that the event follows.  One beyond the cursor means
  // that this tab slept through something.
  #ingest(event, after) {
    if (this.#closed) return
    const user_id = this.#me.id
    if (this.#loading) {
      this.#waiting.push({ event, after, user_id })
    } else if (event.type === "resync") {
      this.reload()
    } else if (after > this.#repeats.cursor) {
      this.#waiting.push({ event, after: 0, user_id })
      this.reload()
    } else if (!this.#repeats.has(event)) {
      if (this.#tabs.leading) this.#acknowledge(event)
      this.emit("event", event)
      this.emit(event.type, event)
    }
  }

  #acknowledge({ type, conversation_id, sender_id, no }) {
    if (!this.#acknowledging || type !== "chat_message" || sender_id === this.#me.id) return
    this.#receipts.delivered(conversation_id, no)
  }

  #acknowledgeAll(conversations) {
    if (!this.#acknowledging) return
    for (const { conversation_id, last_no, delivered_no } of conversations)
      if (last_no > delivered_no) this.#receipts.delivered(conversation_id, last_no)
  }

  #become(state) {
    this.#state = state
    this.emit("connection", state)
  }

  // The browser knows before any timer when it is worth trying again.
  #watchBrowser() {
    const nudge = () => this.#nudge()
    const returned = ({ persisted }) => persisted && this.reload()
    const shown = () => this.#environment.document?.visibilityState === "visible" && nudge()
    this.#listen(this.#environment.window, { online: nudge, offline: nudge, pageshow: returned })
    this.#listen(this.#environment.document, { visibilitychange: shown })
  }

  #listen(target, listeners) {
    if (!target) return
    for (const [type, listener] of Object.entries(listeners)) {
      target.addEventListener(type, listener)
      this.#forget.push(() => target.removeEventListener(type, listener))
    }
  }

  #nudge() {
    this.#pause.wake()
    this.#outbox.nudge()
    if (this.#tabs.leading) {
      this.#connection.nudge()
    } else if (this.#me) {
      clearTimeout(this.#leaderDeadline)
      this.#leaderDeadline = setTimeout(() => this.#tabs.takeOver(() => this.#lead()), this.#timing.leader_ms)
      this.#tabs.tell({ kind: "nudge", user_id: this.#me.id })
    }
  }
}

function browser() {
  const { fetch, WebSocket, BroadcastChannel, navigator, document, location } = globalThis
  return { fetch, WebSocket, BroadcastChannel, locks: navigator?.locks, document, window: document && globalThis, location }
}
