// Makes a screenshot small: a PNG (ISO/IEC 15948) of at most 64 colours. A page has few colours, and the many between
// them are edges of letters.
'use strict';

const zlib = require('node:zlib');

const COLOURS = 64;
const APART = 14;

// Runs in a page: {width, height, palette: [[r, g, b]…], indexes: base64 of one byte per pixel}.
async function reduced({ image, colours, apart }) {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${image}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const { data } = pen.getImageData(0, 0, picture.width, picture.height);
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const distance = (one, other) => one.reduce((sum, value, at) => sum + (value - other[at]) ** 2, 0);
  const palette = [];
  for (const [colour] of [...counts].sort((one, other) => other[1] - one[1])) {
    const own = parts(colour);
    if (palette.length < colours && palette.every((other) => distance(own, other) > apart ** 2)) palette.push(own);
  }
  const nearest = new Map();
  for (const colour of counts.keys()) {
    let best = 0;
    for (let at = 1; at < palette.length; at += 1) {
      if (distance(parts(colour), palette[at]) < distance(parts(colour), palette[best])) best = at;
    }
    nearest.set(colour, best);
  }
  let text = '';
  for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(nearest.get((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]));
  return { width: picture.width, height: picture.height, palette, indexes: btoa(text) };
}

const CRC = Int32Array.from({ length: 256 }, (_, number) => {
  let value = number;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  let crc = -1;
  for (const byte of body) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(~crc >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

function encode({ width, height, palette, indexes }) {
  const pixels = Buffer.from(indexes, 'base64');
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) pixels.copy(rows, row * (width + 1) + 1, row * width, (row + 1) * width);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = zlib.deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([signature, chunk('IHDR', head), chunk('PLTE', Buffer.from(palette.flat())), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

// `page` is any page that may fetch data: about:blank.
async function small(page, png) {
  return encode(await page.evaluate(reduced, { image: png.toString('base64'), colours: COLOURS, apart: APART }));
}

module.exports = { small };
