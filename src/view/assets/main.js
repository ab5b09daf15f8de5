// Reads the data of the page and shows the verdict.
async function readData() {
  const text = document.getElementById('data').textContent;
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { head, binary: bytes.subarray(4 + length) };
}

readData().then(({ head }) => {
  document.getElementById('verdict').textContent = head.verdict.text;
  document.getElementById('facts').textContent = JSON.stringify(head.facts, null, 2);
});
