// Messages on their way, as the page shows them.
import assert from "node:assert/strict"
import { webcrypto } from "node:crypto"
import { test } from "node:test"
import { Outgoing } from "../../www/js/outgoing.js"
import { ApiError } from "../../www/js/tidings/api.js"
import { Emitter } from "../../www/js/tidings/emitter.js"

// Node 18 has it, but not where browsers do.
globalThis.crypto ??= webcrypto

function outgoing(answer) {
  const sends = []
  const tidings = Object.assign(new Emitter(), {
    send: async (message) => {
      sends.push(message)
      return answer(message)
    },
  })
  const entries = new Outgoing(tidings)
  return { entries, sends, tidings, states: (key) => entries.of(key).map(({ message, state }) => [message, state]) }
}

test("a message is there at once, and gone when the server has it", async () => {
  const { entries, states } = outgoing(() => ({ conversation_id: 7, no: 1 }))
  const told = []
  entries.on("sent", ({ key, sent }) => told.push([key, sent.no, sent.message]))
  const sending = entries.send({ conversation_id: 7 }, "hello")
  assert.deepEqual(states(7), [["hello", "pending"]])
  await sending
  assert.deepEqual(states(7), [])
  assert.deepEqual(told, [[7, 1, "hello"]])
})

test("a refused message stays, says why, and goes again under its client_id", async () => {
  const answers = [() => { throw new ApiError(403, { code: "not_accepted" }) }, () => ({ conversation_id: 7, no: 1 })]
  const { entries, sends, states } = outgoing(() => answers.shift()())
  await entries.send({ conversation_id: 7 }, "hello")
  assert.deepEqual(states(7), [["hello", "failed"]])
  assert.match(entries.of(7)[0].reason, /doesn't accept/)
  await entries.retry(sends[0].client_id)
  assert.deepEqual(states(7), [])
  assert.equal(sends[1].client_id, sends[0].client_id)
})

test("what the network kept goes by itself when the connection is back, what was refused doesn't", async () => {
  let failures = [0, 403]
  const { entries, sends, tidings, states } = outgoing(() => {
    if (failures.length) throw new ApiError(failures.shift(), { code: "x" })
    return { conversation_id: 7, no: 1 }
  })
  await entries.send({ conversation_id: 7 }, "kept")
  await entries.send({ conversation_id: 7 }, "refused")
  tidings.emit("connection", { state: "live" })
  await new Promise(setImmediate)
  assert.deepEqual(sends.map(({ message }) => message), ["kept", "refused", "kept"])
  assert.deepEqual(states(7), [["refused", "failed"]])
})

test("what is written to a person goes on in the conversation that it makes", async () => {
  const answers = []
  const { entries, sends, states } = outgoing(() => new Promise((resolve) => answers.push(resolve)))
  const both = [entries.send({ to: 5 }, "one"), entries.send({ to: 5 }, "two")]
  assert.deepEqual(states("to 5"), [["one", "pending"], ["two", "pending"]])
  answers[0]({ conversation_id: 9, no: 1 })
  await both[0]
  assert.deepEqual(states("to 5"), [])
  assert.deepEqual(states(9), [["two", "pending"]])
  answers[1]({ conversation_id: 9, no: 2 })
  await both[1]
  assert.deepEqual(states(9), [])
  assert.deepEqual(sends.map(({ to }) => to), [5, 5])
})
