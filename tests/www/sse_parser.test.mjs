// Server-sent events out of text that arrives in pieces.
import assert from "node:assert/strict"
import { test } from "node:test"
import { SseParser } from "../../www/js/tidings/sse_parser.js"

const TEXT = ": welcome\r\n\r\nid: 7\nevent: chat_message\ndata: {\"a\":1}\n\n:\n\ndata:two\rdata: lines\r\rdata: é\n\n"
const TOLD = ['{"a":1}', "two\nlines", "é"]

test("events are told without comments, names and ids, whatever ends a line", () => {
  assert.deepEqual(new SseParser().feed(TEXT), TOLD)
})

test("it doesn't matter where the pieces end", () => {
  for (let cut = 0; cut <= TEXT.length; cut++) {
    const parser = new SseParser()
    assert.deepEqual([...parser.feed(TEXT.slice(0, cut)), ...parser.feed(TEXT.slice(cut))], TOLD, `cut at ${cut}`)
  }
  const parser = new SseParser()
  assert.deepEqual([...TEXT].flatMap((character) => parser.feed(character)), TOLD)
})

test("an event that is not finished is not told", () => {
  assert.deepEqual(new SseParser().feed("data: half\n"), [])
})
