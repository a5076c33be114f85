// What stands at the top of a conversation.
import assert from "node:assert/strict"
import { test } from "node:test"
import { ThreadHead } from "../../www/js/thread_head.js"

// An element whose hooks are found by name, made when they are asked for.
function fakeElement() {
  const parts = {}
  return {
    parts,
    querySelector: (hook) => (parts[hook.slice("[data-".length, -1)] ??= { dataset: {}, toggleAttribute() {} }),
  }
}

const state = { me: { id: 1 }, online: new Set() }
const members = [
  { user_id: 1, username: "ada", name: "Ada Lovelace" },
  { user_id: 2, username: "grace", name: "Grace Hopper" },
]

function about(topic) {
  const element = fakeElement()
  new ThreadHead(element).showConversation({ conversation_id: 7, kind: "direct", members, topic }, state)
  return element.parts.about.textContent
}

test("what a conversation is about stands before whom it is with", () => {
  assert.equal(about({ type: "item", id: "5", title: "Blue umbrella", url: null }), "Blue umbrella · @grace")
  assert.equal(about(null), "@grace")
})

test("a topic without a title is not named", () => {
  for (const title of [null, ""]) assert.equal(about({ type: "item", id: "5", title, url: null }), "@grace")
})
