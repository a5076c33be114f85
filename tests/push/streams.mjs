// Streams as a client sees them: SSE and WebSocket alike, and raw sockets.
//
//   const stream = await openSse(site.url, ada, "?since=5")
//   await stream.next("chat_message")       // and everything before it
//   stream.events                            // all that came, in order
//   stream.close()

import { once } from "node:events"
import http from "node:http"
import { connect } from "node:net"
import { WebSocket } from "ws"
import { until } from "../lib/wait.mjs"

const bearer = (person) => (person ? { authorization: `Bearer ${person.token}` } : {})

class Stream {
  events = []
  ended = false

  add(event) {
    this.events.push(event)
  }

  of(type) {
    return this.events.filter((event) => event.type === type)
  }

  // The first event that is of type, or for which check is true.
  next(check, within) {
    const matches = typeof check === "function" ? check : (event) => event.type === check
    return until(() => this.events.find(matches), `${check} in ${JSON.stringify(this.events).slice(-500)}`, within)
  }

  whenEnded(within) {
    return until(() => this.ended, "the end of a stream", within)
  }

  get messages() {
    return this.of("chat_message").map((event) => event.message)
  }
}

class Sse extends Stream {
  text = ""
  comments = 0

  constructor(answer, request) {
    super()
    this.status = answer.statusCode
    this.headers = answer.headers
    this.answer = answer
    this.request = request
    answer.setEncoding("utf8")
    answer.on("data", (text) => this.#take(text))
    answer.on("error", () => (this.ended = true))
    answer.on("close", () => (this.ended = true))
  }

  #rest = ""

  #take(text) {
    this.text += text
    this.#rest += text
    for (let end; (end = this.#rest.indexOf("\n\n")) >= 0; this.#rest = this.#rest.slice(end + 2))
      this.#block(this.#rest.slice(0, end).split("\n"))
  }

  #block(lines) {
    const fields = {}
    for (const line of lines) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line)
      if (name === "") this.comments++
      else fields[name] = fields[name] === undefined ? value : `${fields[name]}\n${value}`
    }
    if (fields.data === undefined) return
    const event = JSON.parse(fields.data)
    Object.defineProperty(event, "sse", { value: fields })
    this.add(event)
  }

  close() {
    this.request.destroy()
  }
}

// The answer as it is, whatever its status; a stream when that is 200.
export function openSse(base, person, query = "", headers = {}) {
  return new Promise((done, fail) => {
    const request = http.get(`${base}/events${query}`, { headers: { ...bearer(person), ...headers } }, (answer) =>
      done(new Sse(answer, request)),
    )
    request.on("error", fail)
    request.setTimeout(60_000, () => request.destroy())
  })
}

class Ws extends Stream {
  pings = 0

  constructor(socket) {
    super()
    this.socket = socket
    socket.on("message", (data, isBinary) => this.add(isBinary ? { binary: data } : JSON.parse(data)))
    socket.on("ping", () => this.pings++)
    socket.on("close", (code, reason) => {
      this.code = code
      this.reason = String(reason)
      this.ended = true
    })
    socket.on("error", (error) => (this.error = error))
  }

  send(value) {
    this.socket.send(typeof value === "string" ? value : JSON.stringify(value))
  }

  close() {
    this.socket.terminate()
  }
}

// Rejects with {status, headers, body} when it is refused before the upgrade.
export function openWs(base, person, path = "/ws", options = {}) {
  const { headers, ...more } = options
  const socket = new WebSocket(base.replace(/^http/, "ws") + path, { headers: { ...bearer(person), ...headers }, ...more })
  const stream = new Ws(socket)
  return new Promise((done, fail) => {
    socket.on("open", () => done(stream))
    socket.on("unexpected-response", (_, answer) => {
      let text = ""
      answer.on("data", (chunk) => (text += chunk))
      answer.on("end", () => fail({ status: answer.statusCode, headers: answer.headers, body: JSON.parse(text) }))
    })
    socket.on("error", fail)
  })
}

export const openers = {
  sse: (base, person, query) => openSse(base, person, query),
  ws: (base, person, query = "") => openWs(base, person, `/ws${query}`),
}

// Any request, answered as {status, headers, body}.
export function ask(base, path, { method = "GET", headers = {} } = {}) {
  return new Promise((done, fail) => {
    const request = http.request(`${base}${path}`, { method, headers, agent: false }, (answer) => {
      let text = ""
      answer.setEncoding("utf8")
      answer.on("data", (chunk) => (text += chunk))
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: text ? JSON.parse(text) : null }))
    })
    request.on("error", fail)
    request.on("upgrade", (answer, socket) => {
      socket.destroy()
      done({ status: answer.statusCode, headers: answer.headers, body: null })
    })
    request.end()
  })
}

// A WebSocket with nothing between the test and its bytes.
export class RawWs {
  received = Buffer.alloc(0)
  ended = false

  static async open(base, person) {
    const { hostname, port } = new URL(base)
    const raw = new RawWs()
    raw.socket = connect(Number(port), hostname)
    raw.socket.on("error", () => {})
    await once(raw.socket, "connect")
    raw.socket.on("data", (data) => (raw.received = Buffer.concat([raw.received, data])))
    raw.socket.on("close", () => (raw.ended = true))
    raw.socket.write(
      `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${person.token}\r\n\r\n`,
    )
    await until(() => raw.received.includes("presence_state"), "presence_state on a raw socket")
    return raw
  }

  write(...bytes) {
    this.socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))))
  }

  // The code of the close frame that ends what was received.
  closeCode(within) {
    return until(
      () => {
        const at = this.received.length - 4
        const isClose = at >= 0 && this.received[at] === 0x88 && this.received[at + 1] === 2
        return this.ended && (isClose ? this.received.readUInt16BE(at + 2) : "none")
      },
      "the end of a raw socket",
      within,
    )
  }
}

const mask = [1, 2, 3, 4]

// A client's frame; options.length overrides what the header says.
export function frame(first, payload = "", { masked = true } = {}) {
  const bytes = Buffer.from(payload)
  const bit = masked ? 0x80 : 0
  const header =
    bytes.length < 126
      ? Buffer.from([first, bit | bytes.length])
      : bytes.length < 65536
        ? Buffer.from([first, bit | 126, bytes.length >> 8, bytes.length & 255])
        : Buffer.concat([Buffer.from([first, bit | 127, 0, 0, 0, 0]), Buffer.from(new Uint32Array([bytes.length]).buffer).reverse()])
  if (!masked) return Buffer.concat([header, bytes])
  return Buffer.concat([header, Buffer.from(mask), bytes.map((byte, i) => byte ^ mask[i % 4])])
}
