// Telling what was received and read.
import assert from "node:assert/strict"
import { test } from "node:test"
import { ApiError } from "../../www/js/tidings/api.js"
import { Receipts } from "../../www/js/tidings/receipts.js"
import { until } from "./fakes.mjs"

const timing = { delivered_ms: 5, read_ms: 5, retry_ms: 5 }

function receipts(fail = () => false) {
  const told = []
  const kind = (name) => async (id, up_to) => {
    if (fail()) throw new ApiError(0, { code: "network" })
    told.push([name, id, up_to])
  }
  return { told, receipts: new Receipts({ timing, tell: { read: kind("read"), delivered: kind("delivered") } }) }
}

test("many marks are told as one, the highest", async () => {
  const { told, receipts: marks } = receipts()
  for (const no of [1, 2, 4, 3]) marks.delivered(7, no)
  marks.delivered(8, 1)
  await until(() => told.length === 2)
  assert.deepEqual(told, [["delivered", 7, 4], ["delivered", 8, 1]])
})

test("what was read need not be told as received", async () => {
  const { told, receipts: marks } = receipts()
  marks.delivered(7, 3)
  marks.read(7, 3)
  await until(() => told.length === 1)
  marks.delivered(7, 5)
  marks.read(7, 4)
  await until(() => told.length === 3)
  assert.deepEqual(told, [["read", 7, 3], ["read", 7, 4], ["delivered", 7, 5]])
})

test("what could not be told is told later", async () => {
  let failures = 2
  const { told, receipts: marks } = receipts(() => failures-- > 0)
  marks.read(7, 3)
  await until(() => told.length === 1)
  assert.deepEqual(told, [["read", 7, 3]])
})
