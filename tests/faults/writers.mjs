// Two ways to write: by REST and over a WebSocket.  Each message is sent until
// it is acknowledged, always with the same client_id.
import WebSocket from "ws"
import { pause } from "../lib/wait.mjs"

const PATIENCE_MS = 15_000 // for one answer
const RETRY_MS = 50

// By these the same message may be accepted the next time.
const PASSING = ["in_progress", "rate_limited", "unavailable"]

class Writer {
  failures = 0 // tries that were not acknowledged

  constructor({ name, url, user, ledger }) {
    Object.assign(this, { name, url, user, ledger })
  }

  // count messages, to each of the conversations in turn.
  async write(conversations, count) {
    for (let number = 1; number <= count; number++) {
      const conversation_id = conversations[number % conversations.length]
      const client_id = `${this.name}-${number}-of-${count}-${conversation_id}`
      const message = `${client_id} says hello`
      this.ledger.send(client_id, conversation_id, message)
      const acknowledgement = await this.#insist({ client_id, conversation_id, message })
      this.ledger.acknowledge(client_id, { conversation_id, ...acknowledgement })
    }
  }

  // try() gives what acknowledged it, or null for another time.
  async #insist(message) {
    for (;;) {
      const acknowledgement = await this.try(message)
      if (acknowledgement) return acknowledgement
      this.failures++
      await pause(RETRY_MS)
    }
  }

  refuse(answer) {
    if (!PASSING.includes(answer.code)) throw new Error(`${this.name} was refused: ${JSON.stringify(answer)}`)
    return null
  }
}

export class RestWriter extends Writer {
  async try({ client_id, conversation_id, message }) {
    let status, answer
    try {
      const response = await fetch(`${this.url}/api/v1/conversations/${conversation_id}/messages`, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.user.token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ message, client_id }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      status = response.status
      answer = await response.json()
    } catch {
      return null // the network
    }
    return status === 201 ? answer : this.refuse(answer)
  }

  close() {}
}

export class SocketWriter extends Writer {
  #socket = null
  #waiting = null

  async try(message) {
    try {
      this.#socket ??= await this.#connect()
      const answer = await this.#ask(message)
      return answer.type === "message_sent" ? answer : this.refuse(answer)
    } catch (error) {
      if (!error.passing) throw error
      return null
    }
  }

  #ask(message) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => this.#socket?.terminate(), PATIENCE_MS)
      this.#waiting = { client_id: message.client_id, done, fail, timer }
      this.#socket.send(JSON.stringify({ type: "message", ...message }))
    })
  }

  // Events that nobody makes here are all it subscribes to.
  #connect() {
    const socket = new WebSocket(`${this.url.replace(/^http/, "ws")}/ws?types=presence`, {
      headers: { Authorization: `Bearer ${this.user.token}` },
      handshakeTimeout: PATIENCE_MS,
    })
    socket.on("error", () => {}) // "close" follows
    socket.on("message", (data) => this.#hear(JSON.parse(data)))
    return new Promise((done, fail) => {
      socket.once("open", () => done(socket))
      socket.once("close", () => {
        const error = Object.assign(new Error("the socket was closed"), { passing: true })
        this.#socket = null
        this.#settle()?.fail(error)
        fail(error)
      })
    })
  }

  #hear(frame) {
    if (!["message_sent", "error"].includes(frame.type)) return
    if (frame.client_id === this.#waiting?.client_id) this.#settle().done(frame)
  }

  #settle() {
    const waiting = this.#waiting
    this.#waiting = null
    clearTimeout(waiting?.timer)
    return waiting
  }

  close() {
    this.#socket?.close()
  }
}
