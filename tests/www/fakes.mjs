// A browser and a server small enough to be told what to do.
import { until as waitUntil } from "../lib/wait.mjs"

// Waits until condition() is true, and returns what it returned.
export const until = (condition) => waitUntil(() => condition() || null, condition.toString(), 3000)

// A WebSocket that connects to nobody; the test plays the server.
export function fakeWebSocket() {
  return class FakeWebSocket {
    static opened = []
    static get last() { return this.opened.at(-1) }
    readyState = 0
    frames = []

    constructor(address) {
      this.address = new URL(address)
      this.constructor.opened.push(this)
    }

    send(text) { this.frames.push(JSON.parse(text)) }
    close() { this.readyState = 3 }

    // What the server does.
    hello(fields) {
      this.readyState = 1
      this.tell({ type: "hello", heartbeat: 25, resumed: true, event_id: 0, ...fields })
    }
    tell(event) { this.onmessage?.({ data: JSON.stringify(event) }) }
    drop() {
      this.readyState = 3
      this.onclose?.({})
    }
  }
}

// fetch, answered by answer(method, path, body, options): a Response, plain
// JSON for a 200, or a throw for a network that fails.
export function fakeFetch(answer) {
  const calls = []
  const fetch = async (address, options = {}) => {
    const { pathname, search } = new URL(address, "http://test")
    const body = options.body ? JSON.parse(options.body) : undefined
    const call = { method: options.method ?? "GET", path: pathname + search, body, headers: options.headers }
    calls.push(call)
    const answered = await answer(call, options)
    return answered instanceof Response ? answered : Response.json(answered)
  }
  return Object.assign(fetch, { calls })
}

export const problem = (status, code, headers = {}) =>
  new Response(JSON.stringify({ status, code }), { status, headers })

// A response that stays open: tell(text) sends more of it.
export function fakeStream(signal) {
  const utf8 = new TextEncoder()
  let control
  const body = new ReadableStream({ start(controller) { control = controller } })
  signal?.addEventListener("abort", () => control.error(new Error("aborted")))
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    tell: (event) => control.enqueue(utf8.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)),
    comment: () => control.enqueue(utf8.encode(":\n\n")),
    end: () => control.close(),
  }
}

// The locks and channels that the tabs of one browser share.
export function fakeBrowser() {
  const waiting = new Map()
  const channels = new Set()

  const grant = (name) => {
    const [first] = waiting.get(name) ?? []
    if (!first || first.granted) return
    first.granted = true
    Promise.resolve(first.act()).then(() => {
      waiting.get(name).shift()
      first.resolve()
      grant(name)
    })
  }
  const locks = {
    request: (name, act) => new Promise((resolve) => {
      waiting.set(name, [...(waiting.get(name) ?? []), { act, resolve }])
      queueMicrotask(() => grant(name))
    }),
  }

  class FakeBroadcastChannel {
    constructor(name) {
      this.name = name
      channels.add(this)
    }
    postMessage(data) {
      for (const other of channels)
        if (other !== this && other.name === this.name)
          queueMicrotask(() => channels.has(other) && !other.asleep && other.onmessage?.({ data: structuredClone(data) }))
    }
    close() { channels.delete(this) }
  }
  return { locks, BroadcastChannel: FakeBroadcastChannel, channels }
}
