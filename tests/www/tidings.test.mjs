// The client library as its user sees it: start, then every event once.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Tidings } from "../../www/js/tidings.js"
import { fakeBrowser, fakeFetch, fakeWebSocket, problem, until } from "./fakes.mjs"

const timing = { base_ms: 1, cap_ms: 10, poll_ms: 5, delivered_ms: 1, read_ms: 1 }

const START = { me: { id: 1 }, conversations: [], next: null, unread: [], total_unread: 0, limits: {}, event_id: 40 }

const event = (event_id, fields) =>
  ({ type: "chat_message", event_id, conversation_id: 7, seq: event_id, sender_id: 2, no: event_id, ...fields })

// A tab: what it was told, in order, as "start 40", "chat_message 41".
function open(t, { start = () => START, rest = () => ({}), browser, ...options } = {}) {
  const WebSocket = fakeWebSocket()
  const fetch = fakeFetch((call) => call.path === "/api/v1/start" ? start() : rest(call))
  const tidings = new Tidings({
    timing,
    environment: { fetch, WebSocket, location: "http://test/", BroadcastChannel: undefined, locks: undefined, ...browser },
    ...options,
  })
  const told = []
  tidings.on("start", ({ event_id }) => told.push(`start ${event_id}`))
  tidings.on("event", ({ type, event_id }) => told.push(`${type} ${event_id}`))
  t.after(() => tidings.close())
  return { tidings, WebSocket, told, calls: fetch.calls }
}

const live = async ({ WebSocket }) => {
  await until(() => WebSocket.last?.readyState === 0)
  WebSocket.last.hello()
}

test("start comes first, then what is after it", async (t) => {
  const tab = open(t)
  await tab.tidings.connect()
  await live(tab)
  assert.equal(tab.WebSocket.last.address.search, "?since=40")
  tab.WebSocket.last.tell(event(40))
  tab.WebSocket.last.tell(event(41))
  tab.WebSocket.last.tell(event(41))
  assert.deepEqual(tab.told, ["start 40", "hello 0", "chat_message 41"])
})

test("nobody logged in is an error", async (t) => {
  const { tidings } = open(t, { start: () => problem(401, "unauthenticated") })
  await assert.rejects(tidings.connect(), { status: 401 })
})

test("a start that fails for the moment is tried again", async (t) => {
  const answers = [() => { throw new TypeError("network") }, () => problem(503, "unavailable"), () => START]
  const { tidings, told } = open(t, { start: () => answers.shift()() })
  await tidings.connect()
  assert.deepEqual(told, ["start 40"])
})

test("after a resync the state is taken anew, and what came meanwhile follows it", async (t) => {
  const starts = [START]
  let answer
  const tab = open(t, { start: () => starts.shift() ?? new Promise((resolve) => { answer = resolve }) })
  await tab.tidings.connect()
  await live(tab)
  tab.WebSocket.last.tell({ type: "resync", event_id: 90 })
  tab.WebSocket.last.tell(event(91))
  tab.WebSocket.last.tell(event(96))
  await until(() => answer)
  assert.deepEqual(tab.told, ["start 40", "hello 0"])
  answer({ ...START, event_id: 95 })
  await until(() => tab.told.length === 4)
  assert.deepEqual(tab.told.slice(2), ["start 95", "chat_message 96"])
})

test("messages of others are acknowledged, all of them in one", async (t) => {
  const tab = open(t)
  await tab.tidings.connect()
  await live(tab)
  for (const id of [41, 42]) tab.WebSocket.last.tell(event(id))
  tab.WebSocket.last.tell(event(43, { sender_id: 1 }))
  await until(() => tab.WebSocket.last.frames.length)
  assert.deepEqual(tab.WebSocket.last.frames, [{ type: "delivered", conversation_id: 7, up_to: 42 }])
})

test("typing is told once in a while, and its end if its beginning was", async (t) => {
  const tab = open(t)
  await tab.tidings.connect()
  await live(tab)
  tab.tidings.typing(7, false)
  for (let key = 0; key < 9; key++) tab.tidings.typing(7, true)
  tab.tidings.typing(7, false)
  tab.tidings.typing(7, false)
  assert.deepEqual(tab.WebSocket.last.frames.map(({ typing }) => typing), [true, false])
})

test("one of several tabs connects, and all of them hear", async (t) => {
  const browser = fakeBrowser()
  const [one, two] = [open(t, { browser }), open(t, { browser })]
  await one.tidings.connect()
  await live(one)
  await two.tidings.connect()
  one.WebSocket.last.tell(event(41))
  one.WebSocket.last.tell({ type: "typing", conversation_id: 7 })
  await until(() => two.told.length === 3)
  assert.deepEqual(two.told, ["start 40", "chat_message 41", "typing undefined"])
  assert.equal(two.WebSocket.opened.length, 0)
  assert.equal(two.tidings.connection.state, "live")
})

test("when the connected tab goes, another goes on from where it is", async (t) => {
  const browser = fakeBrowser()
  const [one, two] = [open(t, { browser }), open(t, { browser })]
  await one.tidings.connect()
  await live(one)
  await two.tidings.connect()
  one.WebSocket.last.tell(event(41))
  await until(() => two.told.length === 2)
  one.tidings.close()
  await live(two)
  assert.equal(two.WebSocket.last.address.search, "?since=41")
  two.WebSocket.last.tell(event(42))
  assert.deepEqual(two.told, ["start 40", "chat_message 41", "hello 0", "chat_message 42"])
})

test("a tab that slept through an event takes the state anew", async (t) => {
  const browser = fakeBrowser()
  const starts = [START, { ...START, event_id: 41 }]
  const [one, two] = [open(t, { browser }), open(t, { browser, start: () => starts.shift() })]
  await one.tidings.connect()
  await live(one)
  await two.tidings.connect()
  const [, channel] = browser.channels
  await until(() => two.tidings.connection.state === "live")
  channel.asleep = true
  one.WebSocket.last.tell(event(41))
  await new Promise(setImmediate)
  channel.asleep = false
  one.WebSocket.last.tell(event(42))
  await until(() => two.told.length === 3)
  assert.deepEqual(two.told, ["start 40", "start 41", "chat_message 42"])
})

test("a tab whose leader no longer answers connects by itself", async (t) => {
  const browser = fakeBrowser()
  browser.locks.request(`tidings http://test/1`, () => new Promise(() => {}))
  const tab = open(t, { browser, timing: { ...timing, leader_ms: 20 } })
  await tab.tidings.connect()
  await live(tab)
  tab.WebSocket.last.tell(event(41))
  assert.deepEqual(tab.told, ["start 40", "hello 0", "chat_message 41"])
})

test("tabs of different people don't hear each other", async (t) => {
  const browser = fakeBrowser()
  const [one, two] = [open(t, { browser }), open(t, { browser, start: () => ({ ...START, me: { id: 9 } }) })]
  await one.tidings.connect()
  await live(one)
  await two.tidings.connect()
  await live(two)
  one.WebSocket.last.tell(event(41))
  await new Promise(setImmediate)
  assert.deepEqual(two.told, ["start 40", "hello 0"])
})

test("an ended session is told in every tab", async (t) => {
  const browser = fakeBrowser()
  const [one, two] = [open(t, { browser }), open(t, { browser })]
  await one.tidings.connect()
  await live(one)
  await two.tidings.connect()
  one.WebSocket.last.tell({ type: "session_ended", reason: "revoked" })
  await until(() => two.tidings.connection.state === "ended")
  assert.equal(one.tidings.connection.reason, "revoked")
  assert.equal(two.tidings.connection.reason, "revoked")
})

test("a message goes over the open WebSocket, else by REST", async (t) => {
  const tab = open(t, { rest: ({ body }) => ({ no: 5, ...body }) })
  await tab.tidings.connect()
  assert.equal((await tab.tidings.send({ conversation_id: 7, message: "a", client_id: "c1" })).no, 5)
  await live(tab)
  const sent = tab.tidings.send({ conversation_id: 7, message: "b", client_id: "c2" })
  await until(() => tab.WebSocket.last.frames.length)
  tab.WebSocket.last.tell({ type: "message_sent", client_id: "c2", message_id: 9, no: 6 })
  assert.equal((await sent).no, 6)
  assert.equal(tab.told.includes("message_sent undefined"), false)
})

test("what was read is told with the marks that come of it", async (t) => {
  const { tidings } = open(t, { rest: () => ({ conversation_id: 7, read_no: 3, unread_count: 0 }) })
  const marks = []
  tidings.on("marks", (told) => marks.push(told.read_no))
  await tidings.connect()
  tidings.read(7, 3)
  await until(() => marks.length)
  assert.deepEqual(marks, [3])
})
