// The pages' words, and what they compute without a browser.
import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"
import { MESSAGES } from "../../www/js/messages.js"
import { conversationName, messageText, preview, progress } from "../../www/js/conversation.js"
import { dayName, listTime } from "../../www/js/format.js"
import { routeOf } from "../../www/js/router.js"
import { errorText, text } from "../../www/js/text.js"

const www = new URL("../../www/", import.meta.url)
const read = (folder, ending) => readdirSync(new URL(folder, www))
  .filter((name) => name.endsWith(ending))
  .map((name) => readFileSync(new URL(folder + name, www), "utf8"))
  .join("\n")
const html = read("html/", ".html")
const scripts = read("js/", ".js").replace(/^export const MESSAGES = \{[^]*?^\}/m, "")

test("every text that a page asks for exists", () => {
  const asked = [...html.matchAll(/data-(?:text|label|placeholder)="([^"]+)"/g)].map(([, key]) => key)
  assert.ok(asked.length > 20)
  for (const key of asked) assert.ok(key in MESSAGES, key)
})

test("every text is asked for", () => {
  const computed = /^(error|login\.ended|message|connection)\./
  for (const key of Object.keys(MESSAGES))
    assert.ok(computed.test(key) || html.includes(`"${key}"`) || scripts.includes(`"${key}"`), key)
})

test("no text stands in a page itself", () => {
  const body = html.replace(/<(title|noscript)>[^]*?<\/\1>/g, "").replace(/<!doctype html>/g, "")
  assert.equal(body.replace(/<[^>]*>/g, "").trim(), "")
})

test("a text is filled in, and takes the plural of its number", () => {
  assert.equal(text("people.found", { count: 1 }), "1 person found")
  assert.equal(text("people.found", { count: 1234 }), "1,234 people found")
  assert.equal(text("typing.two", { name: "{other}", other: "Ada" }), "{other} and Ada are typing…")
  assert.throws(() => text("no.such.text"), RangeError)
})

test("an error is said in words, one that is not known by its code", () => {
  assert.equal(errorText({ code: "username_taken" }), "This username is taken.")
  assert.equal(errorText({ code: "teapot" }), "Something went wrong (teapot).")
})

test("days are named by how long they are ago", () => {
  const now = new Date(2026, 10, 20, 9, 0)
  const at = (...when) => new Date(...when).toISOString()
  assert.equal(dayName(at(2026, 10, 20, 0, 1), now), "Today")
  assert.equal(dayName(at(2026, 10, 19, 23, 59), now), "Yesterday")
  assert.match(dayName(at(2026, 10, 18), now), /18/)
  assert.match(dayName(at(2025, 10, 18), now), /2025/)
  assert.match(listTime(at(2026, 10, 20, 8, 5), now), /8:05/)
  assert.equal(listTime(at(2026, 10, 16), now), "Monday")
})

test("an address leads to a conversation, a person, or the list", () => {
  assert.deepEqual(routeOf({ pathname: "/c/7", search: "" }), { conversation_id: 7 })
  assert.deepEqual(routeOf({ pathname: "/", search: "?to=5" }), { to: 5 })
  for (const [pathname, search] of [["/", ""], ["/c/", ""], ["/c/x", ""], ["/", "?to=x"], ["/", "?to="], ["/c/1/2", ""]])
    assert.deepEqual(routeOf({ pathname, search }), {}, pathname + search)
})

const direct = { kind: "direct", members: [{ user_id: 1, name: "Me" }, { user_id: 2, name: "Ada", username: "ada" }] }

test("a direct conversation bears the other's name, a group its title", () => {
  assert.equal(conversationName(direct, 1), "Ada")
  assert.equal(conversationName({ ...direct, members: [direct.members[0]] }, 1), "Me")
  assert.equal(conversationName({ kind: "group", title: "Garden", members: [] }, 1), "Garden")
})

test("what can't be shown yet is named, and harms nothing", () => {
  assert.equal(messageText({ message: null, deleted_at: "2026-11-20T08:00:00.000Z" }), "This message was deleted")
  assert.equal(messageText({ message: "", message_type: "file", file_attachment: { filename: "a.pdf" } }), "File: a.pdf")
  assert.equal(messageText({ message: null, message_type: "system" }), "The conversation was changed")
  assert.equal(messageText({ message: null, message_type: "poll" }), "")
})

test("the line in the list says who wrote, where that isn't plain", () => {
  const said = { message: "hello\nthere", sender_id: 2, sender_info: { name: "Ada" } }
  assert.equal(preview({ ...direct, last_message: said }, 1), "hello there")
  assert.equal(preview({ ...direct, last_message: said }, 2), "You: hello there")
  assert.equal(preview({ kind: "group", last_message: said }, 1), "Ada: hello there")
  assert.equal(preview({ ...direct, last_message: null }, 1), "")
})

test("a message is read when everybody is known to have read it", () => {
  const marks = new Map([[2, { delivered: 5, read: 3 }]])
  assert.deepEqual([3, 4, 6].map((no) => progress({ ...direct, marks }, no)), ["read", "delivered", "sent"])
  const group = { kind: "group", member_count: 3, marks }
  assert.equal(progress(group, 3), "sent")
  assert.equal(progress({ ...group, marks: new Map(marks).set(3, { delivered: 4, read: 3 }) }, 4), "delivered")
})
