// Fetches the files of this build, and no others.

// open gives a file's bytes as they arrive, unpacked where the host has not:
// files that begin as gzip does are packed. It returns what came as well, for a
// cache, and tells count of each part of the file, as a share of the whole.
export async function open({ name, url, size, packed }, count, cache = "default") {
  const response = await fetch(url, { cache }).catch((error) => {
    throw new Error(`${name} did not arrive: ${error.message}`);
  });
  if (!response.ok) {
    throw new Error(`${name}: the host answers ${response.status}`);
  }
  const reader = response.body.getReader();
  let chunk = await reader.read();
  const isPacked = chunk.value?.[0] === 0x1f && chunk.value?.[1] === 0x8b;
  const received = [];
  const body = new ReadableStream({
    async pull(controller) {
      if (chunk.done) {
        controller.close();
        return;
      }
      received.push(chunk.value);
      count(chunk.value.length / (isPacked ? packed : size));
      controller.enqueue(chunk.value);
      chunk = await reader.read();
    },
  });
  return { received, stream: isPacked ? body.pipeThrough(new DecompressionStream("gzip")) : body };
}

// verify reads a file to its end and refuses it unless it is the very one that
// was built with this page. Where the page did not come by a safe way browsers
// offer no hashes: then its length has to do, and the model file's own hash.
export async function verify({ name, size, hash }, stream) {
  const bytes = await new Response(stream).arrayBuffer().catch((error) => {
    throw new Error(`${name} is damaged or incomplete: ${error.message}`);
  });
  if (bytes.byteLength !== size) {
    throw new Error(`${name} is not the file that this page was built with: it has ${bytes.byteLength} bytes in place of ${size}.`);
  }
  if (globalThis.crypto?.subtle) {
    const found = hex(await crypto.subtle.digest("SHA-256", bytes));
    if (found !== hash) {
      throw new Error(`${name} is not the file that this page was built with: its SHA-256 is ${found}, not ${hash}.`);
    }
  }
  return bytes;
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
