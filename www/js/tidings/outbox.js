// Sends messages, each once, in the order in which they were given.
//
// A message keeps its client_id through every try, so the server, asked
// twice, makes it once.  Messages to the same conversation wait for each
// other.  What fails for the moment (no network, 429, 5xx) is tried again for
// a while; what is refused, or fails for too long, is thrown to the sender,
// who may send it again under the same client_id.

import { ApiError } from "./api.js"
import { Backoff, Pause } from "./backoff.js"

const SENDING = { tries: 8, base_ms: 500, cap_ms: 15_000, answer_ms: 10_000 }

export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

export class Outbox {
  #api
  #frame
  #timing
  #lanes = new Map()
  #waiting = new Map()
  #pauses = new Set()

  // frame(object): sends it over the open WebSocket, or returns false.
  constructor({ api, frame, timing }) {
    this.#api = api
    this.#frame = frame
    this.#timing = { ...SENDING, ...timing }
  }

  // Resolves to the Message, or to what message_sent tells of it.
  send({ conversation_id, to, client_id = newClientId(), ...fields }) {
    const lane = conversation_id ?? `to ${to}`
    const message = { conversation_id, to, client_id, ...fields }
    const turn = (this.#lanes.get(lane) ?? Promise.resolve())
      .then(() => this.#deliver(message))
    const done = turn.catch(() => {}).then(() => {
      if (this.#lanes.get(lane) === done) this.#lanes.delete(lane)
    })
    this.#lanes.set(lane, done)
    return turn
  }

  // A frame that answers one of ours: message_sent, or error with client_id.
  answered({ type, client_id, code, detail, ...sent }) {
    const waiting = this.#waiting.get(client_id)
    if (type === "message_sent") waiting?.resolve({ client_id, ...sent })
    else waiting?.reject(new ApiError(SOCKET_STATUS[code] ?? 422, { code, detail }))
  }

  // The WebSocket is gone, and with it the answers.
  unanswered() {
    for (const { reject } of this.#waiting.values()) reject(noAnswer())
  }

  // The network may be back.
  nudge() {
    for (const pause of this.#pauses) pause.wake()
  }

  async #deliver(message) {
    const backoff = new Backoff(this.#timing)
    for (let left = this.#timing.tries; ; left--) {
      try {
        return await this.#try(message, left === this.#timing.tries)
      } catch (error) {
        if (!error.passing || left <= 1) throw error
        await this.#wait(Math.max(error.retry_after_ms, backoff.next()))
      }
    }
  }

  #try({ conversation_id, to, ...fields }, first) {
    if (conversation_id === undefined) return this.#api.sendTo(to, fields)
    if (first) {
      const answer = this.#overSocket({ type: "message", conversation_id, ...fields })
      if (answer) return answer.then((sent) => ({ conversation_id, ...sent }))
    }
    return this.#api.send(conversation_id, fields)
  }

  #overSocket(frame) {
    if (!this.#frame(frame)) return null
    let timer
    return new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(noAnswer()), this.#timing.answer_ms)
      this.#waiting.set(frame.client_id, { resolve, reject })
    }).finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(frame.client_id)
    })
  }

  async #wait(ms) {
    const pause = new Pause()
    this.#pauses.add(pause)
    await pause.wait(Math.min(ms, this.#timing.cap_ms))
    this.#pauses.delete(pause)
  }
}

// A code that REST would have sent with a status worth another try.
const SOCKET_STATUS = { rate_limited: 429, unavailable: 503, in_progress: 409 }

const noAnswer = () => new ApiError(0, { code: "network" })
