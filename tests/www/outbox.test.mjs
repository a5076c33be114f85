// Sending: each message once, in order, whatever fails.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Api } from "../../www/js/tidings/api.js"
import { Outbox } from "../../www/js/tidings/outbox.js"
import { fakeFetch, problem, until } from "./fakes.mjs"

const timing = { base_ms: 1, cap_ms: 5, tries: 4, answer_ms: 50 }
const MESSAGE = { conversation_id: 7, message: "hello", client_id: "c1" }

function outbox(answer, frame = () => false) {
  const fetch = fakeFetch(answer)
  return { calls: fetch.calls, box: new Outbox({ api: new Api({ fetch }), frame, timing }) }
}

test("a failed try is repeated with the same client_id", async () => {
  const answers = [() => { throw new TypeError("network") }, () => problem(503, "unavailable"), () => problem(429, "rate_limited", { "Retry-After": "1" }), () => ({ no: 1 })]
  const { box, calls } = outbox(() => answers.shift()())
  assert.deepEqual(await box.send(MESSAGE), { no: 1 })
  assert.deepEqual(calls.map(({ body }) => body.client_id), ["c1", "c1", "c1", "c1"])
})

test("a refusal is not repeated", async () => {
  const { box, calls } = outbox(() => problem(422, "text_too_long"))
  await assert.rejects(box.send(MESSAGE), { status: 422, code: "text_too_long" })
  assert.equal(calls.length, 1)
})

test("what fails for long is given up, and what waits behind it is sent", async () => {
  const { box, calls } = outbox(({ body }) => body.client_id === "c1" ? problem(500, "internal") : { no: 2 })
  const first = assert.rejects(box.send(MESSAGE), { status: 500 })
  const second = box.send({ ...MESSAGE, client_id: "c2" })
  await first
  assert.deepEqual(await second, { no: 2 })
  assert.equal(calls.length, timing.tries + 1)
})

test("messages to one conversation wait for each other", async () => {
  const held = []
  const { box, calls } = outbox(() => new Promise((resolve) => held.push(resolve)))
  const both = [box.send(MESSAGE), box.send({ ...MESSAGE, client_id: "c2" }), box.send({ ...MESSAGE, conversation_id: 8, client_id: "c3" })]
  await until(() => held.length === 2)
  assert.deepEqual(calls.map(({ body }) => body.client_id), ["c1", "c3"])
  held.forEach((resolve) => resolve({ no: 1 }))
  await until(() => held.length === 3)
  held[2]({ no: 2 })
  await Promise.all(both)
})

test("a first message to somebody says whom it is for", async () => {
  const { box, calls } = outbox(() => ({ conversation_id: 9, is_new_conversation: true }))
  await box.send({ to: 5, message: "hello", client_id: "c1" })
  assert.equal(calls[0].path, "/api/v1/messages")
  assert.deepEqual(calls[0].body, { to: 5, message: "hello", client_id: "c1" })
})

test("an open WebSocket carries the message, and its answer", async () => {
  const frames = []
  const { box, calls } = outbox(() => ({}), (frame) => frames.push(frame))
  const sent = box.send(MESSAGE)
  await until(() => frames.length)
  assert.deepEqual(frames[0], { type: "message", ...MESSAGE })
  box.answered({ type: "message_sent", client_id: "c1", message_id: 3, no: 2 })
  assert.deepEqual(await sent, { conversation_id: 7, client_id: "c1", message_id: 3, no: 2 })
  assert.equal(calls.length, 0)
})

test("a WebSocket that closes or keeps silent leaves it to REST", async () => {
  const frames = []
  const { box, calls } = outbox(() => ({ no: 4 }), (frame) => frames.push(frame))
  const closed = box.send(MESSAGE)
  await until(() => frames.length === 1)
  box.unanswered()
  assert.deepEqual(await closed, { no: 4 })

  const silent = box.send({ ...MESSAGE, client_id: "c2" })
  assert.deepEqual(await silent, { no: 4 })
  assert.deepEqual(calls.map(({ body }) => body.client_id), ["c1", "c2"])
})

test("an error over WebSocket is the sender's", async () => {
  const frames = []
  const { box } = outbox(() => ({}), (frame) => frames.push(frame))
  const sent = box.send(MESSAGE)
  await until(() => frames.length)
  box.answered({ type: "error", client_id: "c1", code: "text_empty", detail: "" })
  await assert.rejects(sent, { code: "text_empty" })
})
