// What the page does when parts of the site, or ways to it, fail.
import assert from "node:assert/strict"
import { test } from "node:test"
import { eventually, inConversation, limit, setUp } from "./lib.mjs"

const world = setUp()

const pair = (prepare) => inConversation(world, prepare)

test("what was written while the notifier was down comes once, in order, when it is up", async () => {
  const [ada, grace] = await pair()
  await world.site.notifier.stop()
  const expected = ["hello"]
  for (let n = 1; n <= 20; n++) {
    await grace.write(ada, `message ${n}`)
    expected.push(`message ${n}`)
  }
  await ada.say("from the page")
  await eventually(async () => assert.ok((await ada.texts()).includes("from the page")))
  await world.site.notifier.start()
  await ada.sees([...expected, "from the page"])
  await ada.seesTick("from the page", "sent")
  await ada.seesBadge("Grace", 0)
})

test("a notifier that is killed in a stream of 1000 messages loses none, and repeats none", async () => {
  const [ada, grace] = await pair()
  await ada.page.evaluate(() => {
    window.added = []
    const texts = (nodes) => [...nodes].map((node) => node.querySelector("[data-body]").textContent)
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => window.added.push(...texts(addedNodes))))
      .observe(document.querySelector("[data-scroller] [data-list]"), { childList: true })
  })
  const expected = Array.from({ length: 1000 }, (_, index) => `message ${index + 1}`)
  for (const [index, text] of expected.entries()) {
    if (index === 300) await world.site.notifier.kill9()
    if (index === 600) await world.site.notifier.start()
    await grace.write(ada, text)
  }
  await eventually(async () => assert.equal((await ada.texts()).at(-1), "message 1000"))
  assert.deepEqual(await ada.page.evaluate(() => window.added), expected)
  const shown = await ada.texts()
  assert.deepEqual(shown, expected.slice(-shown.length))
  await ada.seesBadge("Grace", 0)
})

test("where WebSocket is blocked, server-sent events carry everything", async () => {
  const ways = { open: ["sse", "rest"] }
  const [ada, grace] = await pair((context) => limit(context, ways))
  await eventually(() => assert.ok(ways.asked.includes("/events")))
  await grace.write(ada, "over there")
  await ada.sees(["hello", "over there"])
  await ada.say("over here")
  await ada.sees(["hello", "over there", "over here"])
  assert.equal(ways.asked.includes("/api/v1/events"), false)
})

test("where server-sent events are blocked too, polling carries everything", async () => {
  const ways = { open: ["rest"] }
  const [ada, grace] = await pair((context) => limit(context, ways))
  await grace.write(ada, "over there")
  await ada.sees(["hello", "over there"])
  await ada.say("over here")
  await ada.sees(["hello", "over there", "over here"])
  assert.ok(ways.asked.includes("/api/v1/events"))
})

for (const open of [["websocket", "rest"], ["sse", "rest"], ["rest"]]) {
  test(`who was away for longer than events are kept sees everything again, over ${open[0]}`, async () => {
    const ways = { open }
    const [ada, grace] = await pair((context) => limit(context, ways))
    ways.open = []
    await world.site.notifier.restart()
    for (const text of ["one", "two", "three"]) await grace.write(ada, text)
    await eventually(async () => {
      const [[waiting]] = await world.site.sql("SELECT COUNT(*) FROM events WHERE pos IS NULL")
      assert.equal(waiting, "0")
    })
    await world.site.sql("UPDATE events SET created_at = created_at - INTERVAL 100 DAY")
    await world.site.tidings("prune")
    assert.deepEqual(await ada.texts(), ["hello"])

    ways.open = open
    await ada.page.evaluate(() => dispatchEvent(new Event("online")))
    await ada.sees(["hello", "one", "two", "three"])
    await grace.write(ada, "four")
    await ada.sees(["hello", "one", "two", "three", "four"])
    await ada.seesBadge("Grace", 0)
  })
}

test("a message that cannot be sent says why, and is sent once when tried again", async () => {
  let answer = (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: '{"code":"not_accepted"}' })
  const [ada, grace] = await pair(async (context) => {
    await limit(context, { open: ["sse", "rest"] })
    await context.route((url) => url.pathname.endsWith("/messages"), (route) =>
      route.request().method() === "POST" ? answer(route) : route.continue())
  })
  await ada.say("can you hear me?")
  const failure = ada.page.locator("[data-failure]:not([hidden])")
  await failure.waitFor()
  assert.match(await failure.textContent(), /doesn't accept messages/)

  // The answer gets lost on the way: the server has the message by then.
  let tries = 0
  answer = async (route) => {
    await route.fetch()
    if (++tries === 1) await route.abort()
    else await route.continue()
  }
  await failure.locator("[data-retry]").click()
  await ada.seesTick("can you hear me?", "sent")
  await ada.sees(["hello", "can you hear me?"])
  await grace.openInbox()
  await grace.openConversationWith("Ada")
  await grace.sees(["hello", "can you hear me?"])
})

test("a message whose event comes before its answer is shown once all the while", async () => {
  let release
  const held = new Promise((resolve) => { release = resolve })
  const [ada, grace] = await pair(async (context) => {
    await limit(context, { open: ["sse", "rest"] })
    await context.route((url) => url.pathname.endsWith("/messages"), async (route) => {
      if (route.request().method() !== "POST") return route.continue()
      const response = await route.fetch()
      await held
      return route.fulfill({ response })
    })
  })
  await ada.say("hello too")
  await grace.openInbox()
  await grace.openConversationWith("Ada")
  await ada.seesTick("hello too", "read")
  assert.deepEqual(await ada.texts(), ["hello", "hello too"])
  release()
  await ada.page.waitForResponse((response) => response.url().endsWith("/messages"))
  assert.deepEqual(await ada.texts(), ["hello", "hello too"])
})

test("a lost connection is told of when it lasts, and no longer when it is back", async () => {
  const ways = { open: ["websocket", "sse", "rest"] }
  const [ada] = await pair((context) => limit(context, ways))
  const notice = ada.page.locator("[data-notice]")
  assert.equal(await notice.isVisible(), false)
  ways.open = []
  await world.site.notifier.restart()
  await notice.waitFor({ state: "visible" })
  await ada.say("written while away")
  ways.open = ["websocket", "sse", "rest"]
  await ada.page.evaluate(() => dispatchEvent(new Event("online")))
  await notice.waitFor({ state: "hidden" })
  await ada.seesTick("written while away", "sent")
  await ada.sees(["hello", "written while away"])
})
