// What is of the moment: typing and presence.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { openSse, openWs } from "./streams.mjs"

let site, ada, bob, eve, talk

before(async () => {
  site = await startSite({ direct: true, notifiers: 2, settings: { presence_grace_seconds: 1 } })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

// A person's streams on both notifiers, the second first.
async function everywhere(person) {
  const streams = [await openSse(site.notifiers[1].url, person), await openWs(site.pushUrl, person)]
  for (const stream of streams) await stream.next("presence_state")
  return streams
}

const close = (...streams) => streams.flat().forEach((stream) => stream.close())

test("typing by REST is heard by the others, on every notifier", async () => {
  const [mine, theirs, strangers] = [await everywhere(ada), await everywhere(bob), await everywhere(eve)]
  await ada.post(`/conversations/${talk}/typing`, { typing: true, activity: "file" })
  for (const stream of theirs) {
    const { conversation_id, user_id, username, typing, activity, event_id, seq } = await stream.next("typing")
    assert.deepEqual(
      { conversation_id, user_id, username, typing, activity, event_id, seq },
      { conversation_id: talk, user_id: ada.id, username: "ada", typing: true, activity: "file", event_id: undefined, seq: undefined },
    )
  }
  await ada.post(`/conversations/${talk}/messages`, { message: "done typing" })
  for (const stream of [...mine, ...theirs]) await stream.next("chat_message")
  for (const stream of [...mine, ...strangers]) assert.deepEqual(stream.of("typing"), [])
  close(mine, theirs, strangers)
})

test("typing by WebSocket is heard by the others, on every notifier", async () => {
  const theirs = await everywhere(bob)
  for (const url of [site.pushUrl, site.notifiers[1].url]) {
    const ws = await openWs(url, ada)
    await ws.next("presence_state")
    const before = theirs.map((stream) => stream.of("typing").length)
    ws.send({ type: "typing", conversation_id: talk, typing: false, activity: "text" })
    for (const [i, stream] of theirs.entries()) {
      await until(() => stream.of("typing").length > before[i], "typing")
      const { user_id, username, typing, activity } = stream.of("typing").at(-1)
      assert.deepEqual({ user_id, username, typing, activity }, { user_id: ada.id, username: "ada", typing: false, activity: "text" })
    }
    ws.close()
  }
  close(theirs)
})

test("coming and going is told once, to those who share a conversation", async () => {
  const [watching, strangers] = [await everywhere(bob), await everywhere(eve)]
  await until(async () => !(await site.sql(`SELECT 1 FROM presence WHERE user_id = ${ada.id}`)).length, "ada away")
  const told = (stream) => stream.of("presence").filter((event) => event.user_id === ada.id)
  // From the coming on: that of an earlier going may still be on its way.
  const since = (stream) => told(stream).slice(told(stream).findIndex((event) => event.online)).map((event) => event.online)
  const here = await everywhere(ada)
  for (const stream of watching) await until(() => since(stream).includes(true), "ada coming")
  assert.ok((await openSse(site.pushUrl, bob).then(async (stream) => {
    const { online } = await stream.next("presence_state")
    stream.close()
    return online
  })).includes(ada.id))
  here[0].close()
  const again = await openSse(site.pushUrl, ada)
  await again.next("presence_state")
  here[1].close()
  again.close()
  for (const stream of watching) {
    await until(() => since(stream).at(-1) === false, "ada going")
    assert.deepEqual(since(stream), [true, false])
    const { last_seen_at } = told(stream).at(-1)
    assert.match(last_seen_at, /^\d{4}-.*Z$/)
  }
  for (const stream of strangers) assert.deepEqual(told(stream), [])
  close(watching, strangers)
})

test("who comes back in time was never away", async () => {
  const [watching] = await everywhere(bob)
  await until(async () => !(await site.sql(`SELECT 1 FROM presence WHERE user_id = ${ada.id}`)).length, "ada away")
  const first = await openSse(site.pushUrl, ada)
  await watching.next((event) => event.user_id === ada.id && event.online)
  first.close()
  const second = await openSse(site.pushUrl, ada)
  await second.next("presence_state")
  const other = await openSse(site.pushUrl, await register(site, "mia"))
  other.close()
  await ada.post(`/conversations/${talk}/messages`, { message: "a moment later" })
  await watching.next((event) => event.message === "a moment later")
  const told = watching.of("presence").filter((event) => event.user_id === ada.id).map((event) => event.online)
  assert.deepEqual(told.slice(told.indexOf(true)), [true])
  second.close()
  await until(() => watching.of("presence").at(-1).online === false, "ada going")
  watching.close()
})

test("those on a notifier that died go offline, unless they are elsewhere", async () => {
  const watching = await openSse(site.pushUrl, bob)
  await watching.next("presence_state")
  await until(async () => !(await site.sql(`SELECT 1 FROM presence WHERE user_id = ${ada.id}`)).length, "ada away")
  const lost = await openSse(site.notifiers[1].url, ada)
  await watching.next((event) => event.user_id === ada.id && event.online)
  await site.notifiers[1].kill9()
  await lost.whenEnded()
  await site.sql("UPDATE notifiers SET alive_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND ORDER BY id DESC LIMIT 1")
  await watching.next((event) => event.user_id === ada.id && event.online === false, 15_000)
  await site.notifiers[1].start()
  watching.close()
})

test("a narrowed stream hears of the moment what it asked for", async () => {
  const typing = await openSse(site.pushUrl, bob, "?types=typing")
  const messages = await openSse(site.pushUrl, bob, "?types=chat_message")
  await Promise.all([typing.next("hello"), messages.next("hello")])
  await ada.post(`/conversations/${talk}/typing`, { typing: true })
  await typing.next("typing")
  await ada.post(`/conversations/${talk}/messages`, { message: "for the other" })
  await messages.next("chat_message")
  assert.deepEqual([typing.events.map((one) => one.type), messages.events.map((one) => one.type)], [["hello", "typing"], ["hello", "chat_message"]])
  close(typing, messages)
})
