// The live connection: ladder, resuming, dead peers, ends.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Api } from "../../www/js/tidings/api.js"
import { Connection } from "../../www/js/tidings/connection.js"
import { fakeFetch, fakeStream, fakeWebSocket, problem, until } from "./fakes.mjs"

const TIMING = { open_ms: 200, grace_ms: 20, poll_ms: 5, base_ms: 2, cap_ms: 20, blocked_ms: 10_000 }

function connect(t, { WebSocket, answer = () => problem(503, "unavailable"), token = null, timing, position = 40 }) {
  const fetch = fakeFetch(answer)
  const received = []
  const states = []
  const connection = new Connection({
    api: new Api({ fetch, token }),
    environment: { fetch, WebSocket, location: "http://test/c/7" },
    timing: { ...TIMING, ...timing },
    received: (event) => received.push(event),
    answered: (frame) => received.push(frame),
    changed: ({ state, transport, reason }) => states.push([state, transport, reason].filter(Boolean).join(" ")),
  })
  t.after(() => connection.stop())
  return { connection, received, states, calls: fetch.calls, over: connection.run(position) }
}

const event = (event_id) => ({ type: "chat_message", event_id, conversation_id: 7, seq: event_id })

test("WebSocket comes first, and resumes where it stopped", async (t) => {
  const WebSocket = fakeWebSocket()
  const { received, states } = connect(t, { WebSocket })
  await until(() => WebSocket.last)
  assert.equal(WebSocket.last.address.href, "ws://test/ws?since=40")
  WebSocket.last.hello({ event_id: 99 })
  WebSocket.last.tell(event(41))
  WebSocket.last.drop()
  await until(() => WebSocket.opened.length === 2)
  assert.equal(WebSocket.last.address.search, "?since=41")
  WebSocket.last.hello()
  assert.deepEqual(states, ["live websocket", "connecting", "live websocket"])
  assert.deepEqual(received.map(({ type }) => type), ["hello", "chat_message", "hello"])
})

test("where WebSocket is blocked, server-sent events take its place", async (t) => {
  const WebSocket = fakeWebSocket()
  let stream
  const { received, states, calls } = connect(t, {
    WebSocket,
    answer: (_, { signal }) => (stream = fakeStream(signal)).response,
  })
  await until(() => WebSocket.last)
  WebSocket.last.drop()
  await until(() => stream)
  stream.tell({ type: "hello", heartbeat: 25 })
  stream.tell(event(41))
  await until(() => received.length === 2)
  assert.equal(calls[0].path, "/events?since=40")
  stream.end()
  await until(() => calls.length === 2)
  assert.equal(calls[1].path, "/events?since=41")
  assert.equal(WebSocket.opened.length, 1)
  assert.equal(states[0], "live sse")
})

test("where both are blocked, polling carries on", async (t) => {
  const WebSocket = fakeWebSocket()
  const { received, states } = connect(t, {
    WebSocket,
    timing: { cap_ms: 10_000, base_ms: 5 },
    answer: ({ path }) => {
      WebSocket.last.drop()
      if (path === "/api/v1/events?since=40") return { events: [event(41), event(42)], next: 42 }
      if (path === "/api/v1/events?since=42") return { events: [], next: 42 }
      return problem(502, "unavailable")
    },
  })
  await until(() => {
    WebSocket.last?.drop()
    return received.length
  })
  assert.deepEqual(received.map(({ event_id }) => event_id), [41, 42])
  assert.deepEqual(states, ["live polling"])
})

test("a network that fails is offline, and a nudge tries again at once", async (t) => {
  const WebSocket = fakeWebSocket()
  const { connection, states } = connect(t, {
    WebSocket,
    timing: { base_ms: 30, cap_ms: 10_000, poll_ms: 10_000 },
    answer: () => { throw new TypeError("network") },
  })
  await until(() => {
    if (WebSocket.last?.readyState === 0) WebSocket.last.drop()
    return states.includes("offline")
  })
  const before = WebSocket.opened.length
  connection.nudge()
  await until(() => WebSocket.opened.length > before)
})

test("a WebSocket that was silent is asked, and closed if it keeps silent", async (t) => {
  const WebSocket = fakeWebSocket()
  connect(t, { WebSocket })
  await until(() => WebSocket.last)
  WebSocket.last.hello({ heartbeat: 0.02 })
  await until(() => WebSocket.last.frames.length)
  assert.deepEqual(WebSocket.last.frames, [{ type: "ping" }])
  await until(() => WebSocket.opened.length === 2)
})

test("a WebSocket that answers the ping stays", async (t) => {
  const WebSocket = fakeWebSocket()
  const { received } = connect(t, { WebSocket })
  await until(() => WebSocket.last)
  WebSocket.last.hello({ heartbeat: 0.01 })
  for (let pings = 1; pings <= 3; pings++) {
    await until(() => WebSocket.last.frames.length === pings)
    WebSocket.last.tell({ type: "pong" })
  }
  assert.equal(WebSocket.opened.length, 1)
  assert.deepEqual(received.map(({ type }) => type), ["hello"])
})

test("a stream of server-sent events lives by its comments, and dies without", async (t) => {
  let stream
  const { calls } = connect(t, { answer: (_, { signal }) => (stream = fakeStream(signal)).response })
  await until(() => stream)
  stream.tell({ type: "hello", heartbeat: 0.05 })
  const beats = setInterval(() => stream.comment(), 20)
  await new Promise((resolve) => setTimeout(resolve, 200))
  clearInterval(beats)
  assert.equal(calls.length, 1)
  await until(() => calls.length === 2)
})

test("an ended session ends it, with the reason", async (t) => {
  const WebSocket = fakeWebSocket()
  const { states, over } = connect(t, { WebSocket })
  await until(() => WebSocket.last)
  WebSocket.last.hello()
  WebSocket.last.tell({ type: "session_ended", reason: "revoked" })
  await over
  assert.equal(WebSocket.opened.length, 1)
  assert.equal(states.at(-1), "ended revoked")
})

test("a server that shuts down or finds one slow is come back to", async (t) => {
  const WebSocket = fakeWebSocket()
  connect(t, { WebSocket })
  for (const reason of ["shutdown", "slow"]) {
    const opened = WebSocket.opened.length
    await until(() => WebSocket.last?.readyState === 0)
    WebSocket.last.hello()
    WebSocket.last.tell({ type: "session_ended", reason })
    WebSocket.last.drop()
    await until(() => WebSocket.opened.length > opened)
  }
})

test("a refused stream tells that the session is over", async (t) => {
  const { states, over } = connect(t, { answer: () => problem(401, "unauthenticated") })
  await over
  assert.deepEqual(states, ["ended expired"])
})

test("with a bearer token WebSocket takes a ticket, server-sent events the header", async (t) => {
  const WebSocket = fakeWebSocket()
  const { calls } = connect(t, {
    WebSocket,
    token: () => "secret",
    answer: ({ path }, { signal }) => path === "/api/v1/tickets" ? { ticket: "once" } : fakeStream(signal).response,
  })
  await until(() => WebSocket.last)
  assert.equal(WebSocket.last.address.search, "?since=40&ticket=once")
  WebSocket.last.drop()
  await until(() => calls.length === 2)
  assert.equal(calls[1].headers.Authorization, "Bearer secret")
})

test("a lost WebSocket is tried again before server-sent events are", async (t) => {
  const WebSocket = fakeWebSocket()
  const { calls } = connect(t, { WebSocket })
  await until(() => WebSocket.last)
  WebSocket.last.hello()
  WebSocket.last.drop()
  await until(() => WebSocket.opened.length === 2)
  WebSocket.last.drop()
  await until(() => WebSocket.opened.length === 3)
  WebSocket.last.hello()
  assert.equal(calls.filter(({ path }) => path.startsWith("/events")).length, 0)
})
