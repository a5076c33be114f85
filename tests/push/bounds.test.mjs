// What is bounded: connections in all, of a user and from an address, and
// what waits for a reader who does not read.

import assert from "node:assert/strict"
import { connect } from "node:net"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { ask, openSse, openWs } from "./streams.mjs"

let site, ada, bob, talk

before(async () => {
  site = await startSite({
    direct: true,
    settings: {
      connections_user: 3, connections_address: 5, connections_max: 8,
      queue_events: 50, queue_bytes: 16384, send_buffer: 4096, heartbeat_seconds: 5,
    },
  })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

const from = (address) => ({ "x-real-ip": address })

async function tooMany(person, address) {
  const answer = await ask(site.pushUrl, "/events", { headers: { authorization: `Bearer ${person.token}`, ...from(address) } })
  assert.deepEqual([answer.status, answer.body?.code], [429, "too_many_connections"])
  assert.ok(Number(answer.headers["retry-after"]) > 0)
}

async function open(person, address) {
  const stream = await openSse(site.pushUrl, person, "", from(address))
  assert.equal(stream.status, 200)
  await stream.next("hello")
  return stream
}

const metric = async (name) =>
  Number(new RegExp(`^tidings_notifier_${name} (\\d+)$`, "m").exec((await site.monitor("/metrics")).body)[1])
const allClosed = () => until(async () => (await metric("sse_connections")) + (await metric("websocket_connections")) === 0, "no connections")

test("so many streams of a user and not one more, until one closes", async () => {
  const streams = [await open(ada, "10.0.0.1"), await open(ada, "10.0.0.2"), await open(ada, "10.0.0.3")]
  await tooMany(ada, "10.0.0.4")
  const other = await open(bob, "10.0.0.4")
  streams[0].close()
  streams[0] = await until(() => open(ada, "10.0.0.1"), "room for one more")
  for (const stream of [...streams, other]) stream.close()
  await allClosed()
})

test("so many streams from an address and not one more", async () => {
  const eve = await register(site, "eve")
  const streams = []
  for (const person of [ada, ada, bob, bob, eve]) streams.push(await open(person, "10.0.0.9"))
  await tooMany(eve, "10.0.0.9")
  streams.push(await open(eve, "10.0.0.8"))
  for (const stream of streams) stream.close()
  await allClosed()
})

test("so many streams in all and not one more", async () => {
  const people = [ada, bob, await register(site, "mia"), await register(site, "noa")]
  const streams = []
  for (let i = 0; i < 8; i++) streams.push(await open(people[i % 4], `10.0.1.${i}`))
  await tooMany(people[0], "10.0.1.9")
  for (const stream of streams) stream.close()
  await allClosed()
})

const say = (message) => ada.post(`/conversations/${talk}/messages`, { message })

// Read nothing until the notifier has had enough, then read it all.
async function stall(stream, stop, go) {
  const before = await metric("closed_slow_total")
  stop()
  for (let i = 0; (await metric("closed_slow_total")) === before; i++) {
    assert.ok(i < 2000, "never too slow")
    await say(`${i} ${"x".repeat(4000)}`)
  }
  go()
  return stream.next("session_ended")
}

async function resumes(stream, openAgain) {
  const last = stream.of("chat_message").at(-1)
  const end = (await say("the end")).body
  const again = await openAgain(`?since=${last.event_id}`)
  await again.next((event) => event.message_id === end.message_id)
  const numbers = [...stream.of("chat_message"), ...again.of("chat_message")].map((event) => event.no)
  assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, i) => numbers[0] + i))
  assert.equal(numbers.at(-1), end.no)
  again.close()
}

test("a slow SSE reader is told so, closed, and resumes without loss", async () => {
  const stream = await openSse(site.pushUrl, bob)
  await stream.next("presence_state")
  await say("seen")
  await stream.next("chat_message")
  const ended = await stall(stream, () => stream.answer.pause(), () => stream.answer.resume())
  assert.equal(ended.reason, "slow")
  await stream.whenEnded()
  assert.equal(stream.events.at(-1).type, "session_ended")
  await resumes(stream, (query) => openSse(site.pushUrl, bob, query))
})

test("a slow WebSocket reader is told so, closed with 4408, and resumes without loss", async () => {
  const stream = await openWs(site.pushUrl, bob)
  await stream.next("presence_state")
  await say("seen")
  await stream.next("chat_message")
  const ended = await stall(stream, () => stream.socket.pause(), () => stream.socket.resume())
  assert.equal(ended.reason, "slow")
  await stream.whenEnded()
  assert.equal(stream.code, 4408)
  await resumes(stream, (query) => openWs(site.pushUrl, bob, `/ws${query}`))
})

test("one slow reader keeps nobody else waiting", async () => {
  const slow = await openSse(site.pushUrl, bob)
  const quick = await openSse(site.pushUrl, bob)
  await Promise.all([slow.next("presence_state"), quick.next("presence_state")])
  await stall(slow, () => slow.answer.pause(), () => slow.answer.resume())
  const end = (await say("for the quick one")).body
  await quick.next((event) => event.message_id === end.message_id)
  const numbers = quick.of("chat_message").map((event) => event.no)
  assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, i) => numbers[0] + i))
  slow.close()
  quick.close()
})

test("a request that never becomes whole is given up", async () => {
  const { hostname, port } = new URL(site.pushUrl)
  const socket = connect(Number(port), hostname)
  let closed = false
  socket.on("close", () => (closed = true)).on("error", () => {}).resume()
  socket.write("GET /events HTTP/1.1\r\nHost: x\r\n")
  await until(() => closed, "the end of a slow request", 20_000)
})
