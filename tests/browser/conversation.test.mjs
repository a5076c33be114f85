// The conversation on the page: its history, its composer, its texts.
import assert from "node:assert/strict"
import { test } from "node:test"
import { eventually, person, setUp } from "./lib.mjs"

const world = setUp()

const pair = () => Promise.all(["Ada", "Grace"].map((name) => person(world, name)))

test("older messages load above, and what is read stays where it is", async () => {
  const [ada, grace] = await pair()
  const texts = Array.from({ length: 130 }, (_, index) => `message ${index + 1}`)
  for (const text of texts) await grace.write(ada, text)
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  await ada.sees(texts.slice(-50))

  const log = ada.page.locator("[data-scroller]")
  const anchor = ada.page.locator("[data-message]", { hasText: "message 81" })
  await log.evaluate((element) => { element.scrollTop = 10 })
  const before = await anchor.boundingBox()
  await eventually(async () => assert.ok((await ada.texts()).length >= 100))
  const after = await anchor.boundingBox()
  assert.ok(Math.abs(after.y - before.y) < 2, `moved by ${after.y - before.y} px`)

  for (;;) {
    await log.evaluate((element) => { element.scrollTop = 0 })
    if (await ada.page.locator("[data-beginning]:not([hidden])").count()) break
    await ada.page.waitForTimeout(20)
  }
  await ada.sees(texts)
  ada.assertNoProblems()
})

test("who reads older messages is not torn away by a new one, but told", async () => {
  const [ada, grace] = await pair()
  for (let n = 1; n <= 60; n++) await grace.write(ada, `message ${n}`)
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  await ada.seesBadge("Grace", 0)
  const log = ada.page.locator("[data-scroller]")
  await log.evaluate((element) => { element.scrollTop = 200 })
  const newest = ada.page.locator("[data-newest]")
  await newest.waitFor()

  await grace.write(ada, "and another")
  await eventually(async () => assert.equal((await newest.textContent()).trim(), "1 new message"))
  await ada.seesBadge("Grace", 1)
  await newest.click()
  await newest.waitFor({ state: "hidden" })
  await ada.seesBadge("Grace", 0)
})

const MARKUP = [
  "<script>document.title = 'owned'</script>",
  "<img src=x onerror=\"document.title='owned'\">",
  "\"><svg onload=alert(1)>",
  "javascript:alert(1)",
  "{{constructor.constructor('alert(1)')()}}",
  "&lt;b&gt; &amp; <b>bold</b>",
  "</textarea></title><h1>heading</h1>",
]

test("what a person writes is text and never markup, in messages and in names", async () => {
  const [ada, mallory] = await Promise.all([person(world, "Ada"), person(world, "<b>Mallory</b> & Co")])
  for (const text of MARKUP) await mallory.write(ada, text)
  await ada.openInbox()
  await ada.openConversationWith("<b>Mallory</b> & Co")
  await ada.sees(MARKUP)
  for (const text of MARKUP) await ada.say(text)
  await ada.sees([...MARKUP, ...MARKUP])
  assert.equal(await ada.page.locator("[data-message] :is(script, img, b, h1), [data-name] b").count(), 0)
  assert.equal(await ada.page.textContent("[data-head] [data-name]"), "<b>Mallory</b> & Co")
  await ada.seesBadge("<b>Mallory</b> & Co", 0)

  await ada.page.fill("[data-query]", mallory.username)
  await eventually(async () => assert.equal(await ada.page.textContent("[data-person] [data-name]"), "<b>Mallory</b> & Co"))
  ada.assertNoProblems()
})

test("the limit of characters is told before sending, in what people count", async () => {
  const [ada, grace] = await pair()
  await grace.write(ada, "hello")
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  const limit = ada.page.locator("[data-limit]")
  const send = ada.page.locator("[data-composer] [type=submit]")

  await ada.type("x".repeat(9_700))
  assert.equal(await limit.textContent(), "")
  await ada.type("🎈".repeat(9_999))
  assert.equal(await limit.textContent(), "1 character left")
  assert.equal(await send.isDisabled(), false)
  await ada.type("🎈".repeat(10_002))
  assert.equal(await limit.textContent(), "2 characters too many")
  assert.equal(await send.isDisabled(), true)
  await ada.type(" \n ")
  assert.equal(await send.isDisabled(), true)

  await ada.say("🎈".repeat(10_000))
  await ada.seesTick("🎈".repeat(10_000), "sent")
})

test("Shift and Enter make a new line, and what is not sent waits while one looks elsewhere", async () => {
  const [ada, grace] = await pair()
  const linus = await person(world, "Linus")
  for (const one of [grace, linus]) await one.write(ada, "hello")
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  await ada.page.locator("textarea").pressSequentially("one")
  await ada.page.keyboard.press("Shift+Enter")
  await ada.page.locator("textarea").pressSequentially("two")

  await ada.openConversationWith("Linus")
  await ada.sees(["hello"])
  assert.equal(await ada.page.inputValue("textarea"), "")
  await ada.openConversationWith("Grace")
  assert.equal(await ada.page.inputValue("textarea"), "one\ntwo")
  await ada.page.keyboard.press("Enter")
  await ada.sees(["hello", "one\ntwo"])
})

test("the field grows with what is written, and the newest message stays in sight", async () => {
  const [ada, grace] = await pair()
  for (let n = 1; n <= 30; n++) await grace.write(ada, `message ${n}`)
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  const height = () => ada.page.locator("textarea").evaluate((field) => field.offsetHeight)
  const gap = () => ada.page.locator("[data-scroller]").evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)
  const low = await height()
  for (const text of ["one\ntwo\nthree\nfour", "one\ntwo\nthree\nfour!", "x".repeat(5_000), ""]) {
    await ada.type(text)
    await eventually(async () => assert.ok(await gap() < 2, `${await gap()} px below`))
    assert.equal(await height() > low, text !== "")
    assert.ok(await height() < 250)
  }
})

test("a person is written to by keyboard alone", async () => {
  const [ada, grace] = await pair()
  await ada.openInbox()
  await ada.page.focus("[data-query]")
  await ada.page.keyboard.type(grace.username)
  await eventually(async () => assert.deepEqual(
    await ada.page.locator("[data-person] [data-username]").allTextContents(), [`@${grace.username}`]))
  await ada.page.keyboard.press("ArrowDown")
  await ada.page.keyboard.press("Enter")
  await ada.page.waitForSelector("[data-open]:not([hidden])")
  await eventually(async () => assert.equal(await ada.page.evaluate(() => document.activeElement.name), "message"))
  await ada.page.keyboard.type("by hand")
  await ada.page.keyboard.press("Enter")
  await ada.page.waitForURL(/\/c\/\d+$/)
  await ada.sees(["by hand"])
})

test("on a phone the list and the conversation are shown one at a time", async () => {
  const [ada, grace] = await Promise.all([person(world, "Ada", { viewport: { width: 360, height: 720 } }), person(world, "Grace")])
  await grace.write(ada, "hello")
  await ada.openInbox()
  const [list, thread] = [ada.page.locator("[data-sidebar]"), ada.page.locator("[data-thread]")]
  assert.deepEqual([await list.isVisible(), await thread.isVisible()], [true, false])
  await ada.openConversationWith("Grace")
  assert.deepEqual([await list.isVisible(), await thread.isVisible()], [false, true])
  const wide = await ada.page.evaluate(() => document.documentElement.scrollWidth)
  assert.equal(wide, 360)
  await ada.page.goBack()
  await list.waitFor()
  assert.equal(await thread.isVisible(), false)
})
