// Messages on their way: shown at once, kept until the server has them.
//
// A conversation is named by a key: its id, or "to ID" before its first
// message made it.  Tells "change" with the key, and "sent" with {key, sent},
// sent being the Message as far as the server told it by then.

import { newClientId } from "./tidings.js"
import { Emitter } from "./tidings/emitter.js"
import { errorText } from "./text.js"

export const keyOf = ({ conversation_id, to }) => conversation_id ?? `to ${to}`

export class Outgoing extends Emitter {
  #tidings
  #entries = []

  constructor(tidings) {
    super()
    this.#tidings = tidings
    tidings.on("connection", ({ state }) => state === "live" && this.#resume())
  }

  // Those of one conversation, in the order in which they were written:
  // {client_id, message, timestamp, state: "pending"|"failed", reason}.
  of(key) {
    return this.#entries.filter((entry) => keyOf(entry.where) === key)
  }

  // where: {conversation_id} or {to}.
  async send(where, message) {
    const entry = { client_id: newClientId(), message, timestamp: new Date().toISOString(), where, state: "pending", reason: null }
    this.#entries.push(entry)
    await this.#try(entry)
  }

  async retry(client_id) {
    const entry = this.#entries.find((one) => one.client_id === client_id)
    if (entry?.state === "failed") await this.#try(entry)
  }

  // The server has it: an event or an answer said so.
  settle(client_id) {
    const entry = this.#entries.find((one) => one.client_id === client_id)
    if (!entry) return
    this.#entries = this.#entries.filter((one) => one !== entry)
    this.emit("change", keyOf(entry.where))
  }

  // What only failed for the moment, though for long, goes on by itself.
  #resume() {
    for (const entry of this.#entries)
      if (entry.state === "failed" && entry.passing) this.#try(entry)
  }

  async #try(entry) {
    const { message, client_id, timestamp } = entry
    entry.state = "pending"
    this.emit("change", keyOf(entry.where))
    try {
      const sent = await this.#tidings.send({ ...entry.where, message, client_id })
      const key = keyOf(entry.where)
      this.#found(key, sent.conversation_id)
      this.emit("sent", { key, sent: { message, timestamp, message_type: "text", ...sent } })
      this.settle(client_id)
    } catch (error) {
      entry.state = "failed"
      entry.passing = error.passing
      entry.reason = errorText(error)
      this.emit("change", keyOf(entry.where))
    }
  }

  // What was written to a person goes on in the conversation that it made.
  #found(key, conversation_id) {
    for (const entry of this.of(key)) entry.where = { conversation_id }
  }
}
