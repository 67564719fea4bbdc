import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { withSite } from "../routes/site/site_fixture.ts";

Deno.test("scripts and styles go out compressed where that is wanted, pages as they are", async () => {
  await withSite(async (site) => {
    const page = await site.get("/sign-in");
    assert.equal(page.headers.get("content-encoding"), null);
    const path = /href="(\/styles\.css[^"]*)"/.exec(await page.text())?.[1]?.replace("&amp;", "&");
    assert.ok(path !== undefined);
    const ask = (encodings: string): Promise<Response> =>
      site.get(path, undefined, { headers: { "accept-encoding": encodings } });
    const plain = await (await ask("identity")).text();
    assert.match(plain, /:root/);
    for (const encodings of ["gzip", "br, gzip;q=0.5", "deflate, gzip"]) {
      // Twice: the second one is kept from the first.
      for (const round of [1, 2]) {
        const answer = await ask(encodings);
        assert.equal(answer.headers.get("content-encoding"), "gzip", `${encodings}, ${round}`);
        assert.match(answer.headers.get("vary") ?? "", /Accept-Encoding/);
        const bytes = new Uint8Array(await answer.arrayBuffer());
        assert.equal(answer.headers.get("content-length"), String(bytes.length));
        assert.equal(gunzipSync(bytes).toString(), plain);
        assert.ok(bytes.length < plain.length / 3);
      }
    }
    for (const encodings of ["identity", "br", "gzip;q=0"]) {
      const answer = await ask(encodings);
      assert.equal(answer.headers.get("content-encoding"), null, encodings);
      await answer.body?.cancel();
    }
  });
});
