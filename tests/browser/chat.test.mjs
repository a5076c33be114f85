// Two people, and a third, chat in their browsers.
import assert from "node:assert/strict"
import { test } from "node:test"
import { eventually, PASSWORD, person, setUp, stranger } from "./lib.mjs"

// Somebody counts as gone a second after their last page.
const world = setUp({ settings: { presence_grace_seconds: 1 } })

async function register(name, username) {
  const visitor = await stranger(world)
  await visitor.goto("/register")
  await visitor.page.fill("[name=name]", name)
  await visitor.page.fill("[name=username]", username)
  await visitor.page.fill("[name=password]", PASSWORD)
  await visitor.page.click("[type=submit]")
  await visitor.page.waitForSelector("[data-empty]:not([hidden])")
  return visitor
}

test("two people register, find each other and chat", async () => {
  const ada = await register("Ada Lovelace", "ada")
  const grace = await register("Grace Hopper", "grace")

  await ada.page.fill("[data-query]", "hopp")
  await ada.page.click("[data-person]")
  await ada.say("Hello Grace")
  await ada.sees(["Hello Grace"])
  await ada.page.waitForURL(/\/c\/\d+$/)

  await grace.openConversationWith("Ada Lovelace")
  await grace.sees(["Hello Grace"])
  await grace.say("Hello Ada")
  await ada.sees(["Hello Grace", "Hello Ada"])
  await ada.seesTick("Hello Grace", "read")
  await grace.seesTick("Hello Ada", "read")

  for (let n = 1; n <= 5; n++) await grace.say(`line ${n}`)
  const all = ["Hello Grace", "Hello Ada", ...[1, 2, 3, 4, 5].map((n) => `line ${n}`)]
  await grace.sees(all)
  await ada.sees(all)

  await grace.page.reload()
  await grace.sees(all)
  ada.assertNoProblems()
  grace.assertNoProblems()
})

test("a third person's first message makes a conversation appear by itself", async () => {
  const [ada, grace, linus] = await Promise.all(["Ada", "Grace", "Linus"].map((name) => person(world, name)))
  await grace.write(ada, "an older one")
  await ada.openInbox()
  await ada.seesBadge("Grace", 1)

  await linus.write(ada, "may I join?")
  await ada.listed("Linus").waitFor()
  assert.match(await ada.listed("Linus").textContent(), /may I join\?/)
  const names = await ada.page.locator("[data-conversations] [data-name]").allTextContents()
  assert.deepEqual(names, ["Linus", "Grace"])
  assert.equal(await ada.page.title(), "(2) Tidings")

  await ada.openConversationWith("Linus")
  await ada.say("please do")
  await ada.sees(["may I join?", "please do"])
  ada.assertNoProblems()
})

test("the badge moves on arrival and on reading, in the other tab too", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  await ada.openInbox()
  const first = ada.page
  await ada.newTab()
  await ada.openInbox()

  await grace.write(ada, "one")
  for (const page of [first, ada.page]) await ada.seesBadge("Grace", 1, page)
  await grace.write(ada, "two")
  for (const page of [first, ada.page]) await ada.seesBadge("Grace", 2, page)

  await ada.openConversationWith("Grace")
  for (const page of [first, ada.page]) await ada.seesBadge("Grace", 0, page)

  await ada.say("read them")
  await eventually(async () => assert.match(
    await first.locator("[data-preview]").first().textContent(), /You: read them/))
  ada.assertNoProblems()
})

test("one sees how far one's message has come: sent, delivered, read", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  await grace.write(ada, "hello")
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  await ada.say("anybody there?")
  await ada.seesTick("anybody there?", "sent")
  await grace.openInbox()
  await ada.seesTick("anybody there?", "delivered")
  await grace.openConversationWith("Ada")
  await ada.seesTick("anybody there?", "read")
  ada.assertNoProblems()
})

test("the tabs of a browser share one connection, and pass it on", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  const sockets = []
  ada.context.on("page", (page) => page.on("websocket", (socket) => sockets.push(socket)))
  await grace.write(ada, "one")
  await ada.newTab()
  await ada.openInbox()
  const first = ada.page
  await eventually(() => assert.equal(sockets.length, 1))
  await ada.newTab()
  await ada.openInbox()
  await grace.write(ada, "two")
  await ada.seesBadge("Grace", 2)
  assert.equal(sockets.length, 1)

  await first.close()
  await grace.write(ada, "three")
  await ada.seesBadge("Grace", 3)
  assert.equal(sockets.length, 2)
  ada.assertNoProblems()
})

test("two people who write at the same time see the same, each message once", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  await grace.write(ada, "hello")
  for (const one of [ada, grace]) await one.openInbox()
  await ada.openConversationWith("Grace")
  await grace.openConversationWith("Ada")
  await Promise.all([ada, grace].map(async (one) => {
    for (let n = 1; n <= 15; n++) await one.say(`${one.name} ${n}`)
  }))
  await eventually(async () => {
    const texts = await ada.texts()
    assert.equal(texts.length, 31)
    assert.deepEqual(await grace.texts(), texts)
    for (const { name } of [ada, grace])
      assert.deepEqual(texts.filter((text) => text.startsWith(name)), Array.from({ length: 15 }, (_, n) => `${name} ${n + 1}`))
  })
  for (const one of [ada, grace]) {
    await one.seesBadge(one === ada ? "Grace" : "Ada", 0)
    one.assertNoProblems()
  }
})

test("typing shows, and goes when the message comes", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  await grace.write(ada, "hello")
  for (const one of [ada, grace]) await one.openInbox()
  await ada.openConversationWith("Grace")
  await grace.openConversationWith("Ada")
  const line = ada.page.locator("[data-typing]")

  await grace.type("well")
  await eventually(async () => assert.equal(await line.textContent(), "Grace is typing…"))
  await grace.say("well, well")
  await ada.sees(["hello", "well, well"])
  assert.equal(await line.textContent(), "")
  ada.assertNoProblems()
})

test("who is online shows, and who goes", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  await grace.write(ada, "hello")
  await ada.openInbox()
  const dot = ada.listed("Grace").locator("[data-avatar][data-online]")
  await eventually(async () => assert.equal(await dot.count(), 0))
  await grace.openInbox()
  await eventually(async () => assert.equal(await dot.count(), 1))
  await grace.context.close()
  await eventually(async () => assert.equal(await dot.count(), 0))
  ada.assertNoProblems()
})

test("logging out leaves every tab at the log-in page, and logging in goes back", async () => {
  const [ada, grace] = await Promise.all(["Ada", "Grace"].map((name) => person(world, name)))
  await grace.write(ada, "hello")
  await ada.openInbox()
  const first = ada.page
  await ada.newTab()
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  const conversation = new URL(ada.page.url()).pathname
  await first.click("[data-log-out]")
  await first.waitForURL(/\/login$/)
  await ada.page.waitForURL(/\/login#reason=/)

  await ada.page.fill("[name=username]", ada.username)
  await ada.page.fill("[name=password]", "not the password")
  await ada.page.click("[type=submit]")
  await ada.page.waitForSelector("[data-failure]:not([hidden])")
  await ada.page.fill("[name=password]", PASSWORD)
  await ada.page.click("[type=submit]")
  await ada.page.waitForURL((url) => url.pathname === conversation)
  await ada.sees(["hello"])
})

test("what is wrong with a registration stands beside its field", async () => {
  const ada = await person(world, "Ada")
  const visitor = await stranger(world)
  await visitor.goto("/register")
  await visitor.page.click("[type=submit]")
  assert.equal(await visitor.page.locator("[data-error]:not([hidden])").count(), 3)

  await visitor.page.fill("[name=name]", "Eve")
  await visitor.page.fill("[name=username]", ada.username)
  await visitor.page.fill("[name=password]", "short")
  await visitor.page.click("[type=submit]")
  await visitor.page.waitForSelector("[data-error=password]:not([hidden])")
  await visitor.page.fill("[name=password]", PASSWORD)
  await visitor.page.click("[type=submit]")
  await visitor.page.waitForSelector("[data-error=username]:not([hidden])")
  assert.equal(await visitor.page.textContent("[data-error=username]"), "This username is taken.")
})

test("an address at which there is nothing says so", async () => {
  const visitor = await stranger(world)
  const response = await visitor.page.goto(`${world.site.url}/nothing/here`)
  assert.equal(response.status(), 404)
  assert.equal(await visitor.page.textContent("h1"), "There is nothing here")
})
