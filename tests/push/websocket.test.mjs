// What a client says over WebSocket, and what it may not do.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { frame, openWs, RawWs } from "./streams.mjs"

let site, ada, bob, eve, talk

before(async () => {
  site = await startSite({ direct: true })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

async function ready(person, path = "/ws") {
  const ws = await openWs(site.url, person, path)
  await ws.next("presence_state")
  return ws
}

const history = async () => (await ada.get(`/conversations/${talk}/messages?limit=200`)).body.items

test("a message is stored, acknowledged and pushed", async () => {
  const [mine, theirs] = [await ready(ada), await ready(bob)]
  mine.send({ type: "message", conversation_id: talk, message: "by ws ☂", client_id: "w1" })
  const sent = await mine.next("message_sent")
  const event = await theirs.next("chat_message")
  assert.deepEqual([sent.client_id, event.client_id, event.message], ["w1", "w1", "by ws ☂"])
  assert.deepEqual([event.message_id, event.no, event.sender_id], [sent.message_id, sent.no, ada.id])
  assert.equal((await mine.next("chat_message")).message_id, sent.message_id)
  assert.equal((await history())[0].message_id, sent.message_id)
  mine.close()
  theirs.close()
})

test("messages sent in a row keep their order", async () => {
  const ws = await ready(ada)
  const texts = Array.from({ length: 50 }, (_, i) => `row ${i}`)
  for (const [i, message] of texts.entries()) ws.send({ type: "message", conversation_id: talk, message, client_id: `row-${i}` })
  await until(() => ws.of("message_sent").length === 50, "fifty answers")
  await until(() => ws.messages.length === 50, "fifty messages")
  assert.deepEqual(ws.messages, texts)
  assert.deepEqual(ws.of("message_sent").map((one) => one.client_id), texts.map((_, i) => `row-${i}`))
  ws.close()
})

test("a message sent again with its client_id is the same message", async () => {
  const ws = await ready(ada)
  const message = { type: "message", conversation_id: talk, message: "once", client_id: "once" }
  ws.send(message)
  ws.send(message)
  await until(() => ws.of("message_sent").length === 2, "two answers")
  const [first, second] = ws.of("message_sent")
  assert.deepEqual([second.message_id, second.no], [first.message_id, first.no])
  assert.equal((await history()).filter((one) => one.message === "once").length, 1)
  ws.send({ ...message, message: "twice" })
  assert.deepEqual((await ws.next("error")).code, "idempotency_mismatch")
  ws.close()
})

test("a bad message ends nothing but itself", async () => {
  const ws = await ready(ada)
  const cases = [
    ["{", "not_json"],
    ["[]", "invalid"],
    [{ type: "shout" }, "invalid"],
    [{ type: "message", conversation_id: talk }, "required"],
    [{ type: "message", conversation_id: talk, message: "x", extra: 1 }, "unknown_field"],
    [{ type: "message", conversation_id: String(talk), message: "x" }, "wrong_type"],
    [{ type: "message", conversation_id: talk, message: " \n " }, "text_empty"],
    [{ type: "message", conversation_id: talk, message: "x".repeat(10_001) }, "text_too_long"],
    [{ type: "message", conversation_id: talk, message: "a\0b" }, "invalid"],
    [{ type: "message", conversation_id: talk, message: "x", client_id: "" }, "invalid"],
    [{ type: "message", conversation_id: talk, message: "x", client_id: "c".repeat(65) }, "too_long"],
    [{ type: "message", conversation_id: talk, message: "x", reply_to: 999999 }, "invalid"],
    [{ type: "message", conversation_id: 999999, message: "x" }, "not_found"],
    [{ type: "read", conversation_id: 999999, up_to: 1 }, "not_found"],
    [{ type: "typing", conversation_id: 999999, typing: true }, "not_found"],
  ]
  for (const [message, code] of cases) {
    const before = ws.of("error").length
    ws.send(message)
    await until(() => ws.of("error").length > before, JSON.stringify(message).slice(0, 100))
    const error = ws.of("error").at(-1)
    assert.equal(error.code, code, JSON.stringify(message).slice(0, 100))
    assert.equal(typeof error.detail, "string")
    if (message.client_id) assert.equal(error.client_id, message.client_id)
  }
  ws.send({ type: "ping" })
  await ws.next("pong")
  ws.close()
})

test("what is at its bound is accepted", async () => {
  const ws = await ready(ada)
  const message = "𝄞".repeat(10_000)
  ws.send({ type: "message", conversation_id: talk, message, client_id: "c".repeat(64) })
  await ws.next("message_sent")
  assert.equal((await ws.next("chat_message")).message, message)
  ws.close()
})

test("a stranger's conversation is not found", async () => {
  const ws = await ready(eve)
  for (const message of [
    { type: "message", conversation_id: talk, message: "let me in" },
    { type: "read", conversation_id: talk, up_to: 1 },
    { type: "delivered", conversation_id: talk, up_to: 1 },
    { type: "typing", conversation_id: talk, typing: true },
  ]) {
    const before = ws.of("error").length
    ws.send(message)
    await until(() => ws.of("error").length > before, message.type)
    assert.equal(ws.of("error").at(-1).code, "not_found")
  }
  ws.close()
})

test("marks are moved and told", async () => {
  const [mine, theirs] = [await ready(bob), await ready(ada)]
  const { no } = (await ada.post(`/conversations/${talk}/messages`, { message: "mark me" })).body
  mine.send({ type: "delivered", conversation_id: talk, up_to: no })
  const delivered = await theirs.next("message_delivered")
  assert.deepEqual([delivered.user_id, delivered.up_to], [bob.id, no])
  mine.send({ type: "read", conversation_id: talk, up_to: no })
  const read = await theirs.next("message_read")
  assert.deepEqual([read.user_id, read.up_to], [bob.id, no])
  const count = await mine.next((event) => event.trigger === "message_read")
  assert.equal(count.unread_count, 0)
  mine.close()
  theirs.close()
})

test("the older form is understood on a connection of one conversation", async () => {
  const [mine, theirs] = [await ready(ada, `/ws/chat/${talk}/`), await ready(bob)]
  mine.send({ message: "as of old", sender_id: 999, recipient_id: bob.id, item_id: 5, image: null })
  const event = await theirs.next("chat_message")
  assert.deepEqual([event.message, event.sender_id], ["as of old", ada.id])
  mine.send({ type: "message", message: "with a type", client_id: "old-2" })
  await mine.next("message_sent")
  mine.send({ type: "message", conversation_id: talk + 1, message: "elsewhere" })
  assert.equal((await mine.next("error")).code, "not_found")
  const whole = await ready(ada)
  whole.send({ message: "as of old" })
  assert.equal((await whole.next("error")).code, "required")
  for (const ws of [mine, theirs, whole]) ws.close()
})

test("a session that ended sends nothing more", async () => {
  const gone = await register(site, "gone")
  const { conversation_id } = (await gone.post("/messages", { to: "ada", message: "hi" })).body
  const ws = await ready(gone)
  await site.sql(`DELETE FROM sessions WHERE user_id = ${gone.id}`)
  ws.send({ type: "message", conversation_id, message: "still here?" })
  assert.equal((await ws.next("error")).code, "unauthenticated")
  ws.close()
})

test("too much at once is refused, and a flood is closed", async () => {
  const ws = await ready(bob)
  for (let i = 0; i < 60; i++) ws.send({ type: "ping" })
  await until(() => ws.of("pong").length + ws.of("error").length === 60, "sixty answers")
  assert.equal(ws.of("pong").length, 50)
  assert.deepEqual([...new Set(ws.of("error").map((one) => one.code))], ["rate_limited"])
  for (let i = 0; i < 500; i++) ws.send({ type: "ping" })
  await ws.whenEnded()
  assert.equal(ws.code, 1008)
})

test("the rate of messages is the same as by REST", async () => {
  const slow = await startSite({ direct: true, settings: { rate_messages: 5 } })
  try {
    const person = await register(slow, "ada")
    await register(slow, "bob")
    const { conversation_id } = (await person.post("/messages", { to: "bob", message: "1" })).body
    const ws = await openWs(slow.pushUrl, person)
    await ws.next("presence_state")
    for (let i = 0; i < 10; i++) ws.send({ type: "message", conversation_id, message: `${i}`, client_id: `c${i}` })
    await until(() => ws.of("message_sent").length + ws.of("error").length === 10, "ten answers")
    assert.ok(ws.of("message_sent").length >= 4 && ws.of("message_sent").length <= 6)
    assert.deepEqual([...new Set(ws.of("error").map((one) => one.code))], ["rate_limited"])
    ws.close()
  } finally {
    await slow.stop()
  }
})

// A breach of RFC 6455 closes with its code.
const breaches = {
  "binary data": [1003, frame(0x82, "x")],
  "the beginning of binary data": [1003, frame(0x02, "x")],
  "a frame without a mask": [1002, frame(0x81, "{}", { masked: false })],
  "a reserved bit": [1002, frame(0xc1, "{}")],
  "a reserved opcode": [1002, frame(0x83, "x")],
  "a reserved control opcode": [1002, frame(0x8b, "x")],
  "a continuation of nothing": [1002, frame(0x80, "x")],
  "a message within a message": [1002, frame(0x01, "{"), frame(0x81, "}")],
  "a control frame in fragments": [1002, frame(0x09, "x")],
  "a control frame of 126 bytes": [1002, frame(0x89, "x".repeat(126))],
  "text that is no UTF-8": [1007, frame(0x81, [0xff])],
  "a code point cut short": [1007, frame(0x01, [0xe2, 0x82]), frame(0x80, "")],
  "a message above 128 KiB": [1009, frame(0x81, "x".repeat(128 * 1024 + 1))],
  "fragments above 128 KiB": [1009, frame(0x01, "x".repeat(128 * 1024)), frame(0x80, "x")],
  "a close frame of one byte": [1002, frame(0x88, "x")],
  "a close code that may not be sent": [1002, frame(0x88, [0x03, 0xed])],
  "a close reason that is no UTF-8": [1007, frame(0x88, [0x03, 0xe8, 0xff])],
}
for (const [what, [code, ...bytes]] of Object.entries(breaches))
  test(`${what} closes with ${code}`, async () => {
    const raw = await RawWs.open(site.pushUrl, ada)
    raw.write(...bytes)
    assert.equal(await raw.closeCode(), code)
  })

test("a close is answered with its own code, or with none", async () => {
  const raw = await RawWs.open(site.pushUrl, ada)
  raw.write(frame(0x88, [0x0f, 0xa0, 0x62, 0x79, 0x65]))
  assert.equal(await raw.closeCode(), 4000)
  const plain = await RawWs.open(site.pushUrl, ada)
  plain.write(frame(0x88))
  await until(() => plain.ended, "the end")
  assert.deepEqual([...plain.received.subarray(-2)], [0x88, 0])
})

test("bytes may come one by one, and control frames between fragments", async () => {
  const raw = await RawWs.open(site.pushUrl, ada)
  const bytes = Buffer.concat([frame(0x01, '{"type"'), frame(0x89, "now"), frame(0x00, ':"pi'), frame(0x8a, ""), frame(0x80, 'ng"}')])
  raw.socket.setNoDelay(true)
  for (const byte of bytes) {
    raw.write([byte])
    await new Promise(setImmediate)
  }
  await until(() => raw.received.includes('"pong"'), "pong")
  assert.ok(raw.received.includes(Buffer.from([0x8a, 3, ...Buffer.from("now")])))
  raw.socket.destroy()
})

test("what comes right behind the handshake is read", async () => {
  const ws = await openWs(site.pushUrl, ada)
  ws.close()
  const raw = new RawWs()
  const { connect } = await import("node:net")
  const { hostname, port } = new URL(site.pushUrl)
  raw.socket = connect(Number(port), hostname)
  raw.socket.on("data", (data) => (raw.received = Buffer.concat([raw.received, data]))).on("error", () => {})
  raw.write(
    `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`,
    frame(0x81, '{"type":"ping"}'),
  )
  await until(() => raw.received.includes('"pong"'), "pong")
  raw.socket.destroy()
})
