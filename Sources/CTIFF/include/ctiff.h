// C interface over libtiff: a TIFF file's pages to pixels and back.
//
// Nothing is printed, and nothing is kept between calls. Files are read through a callback, so that of a large
// one only what is needed is in memory.

#ifndef CTIFF_H
#define CTIFF_H

#include <stddef.h>
#include <stdint.h>

#include "ccodec.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Samples of a pixel that are read.
#define CTIFF_SAMPLE_LIMIT 64

/// A file that is read.
typedef struct {
  /// Copies `count` bytes from `offset` on to `buffer`; returns how many, which are fewer where the file ends
  /// or cannot be read.
  size_t (*read)(void *context, uint64_t offset, void *buffer, size_t count);
  void *context;
  uint64_t size;  // in bytes
} ctiff_input;

typedef enum { CTIFF_UNSIGNED = 1, CTIFF_SIGNED = 2, CTIFF_FLOAT = 3 } ctiff_sample_kind;

/// How a page stores its pixels, as far as another page can store its own in the same way.
typedef struct {
  ctiff_sample_kind kind;
  uint32_t bits;         // of a sample: unsigned 8 to 32, signed 1 to 32, float 16, 24, 32 or 64
  uint32_t compression;  // TIFF's numbers
  uint32_t predictor;    // 1 for none
  uint32_t tile_height;  // 0 in strips
  uint32_t tile_width;
  uint32_t rows_per_strip;  // 0 leaves it to libtiff
  int32_t is_planar;        // one plane for each channel
  int32_t is_color;         // the first three channels are red, green and blue
  int32_t is_associated;    // colors are multiplied by alpha
  int32_t is_big_endian;
} ctiff_form;

/// What a page's header says beside a codec_header.
typedef struct {
  /// Fewer than 8 bits, palettes and color spaces that are converted have 8 here, as their pixels do.
  ctiff_form form;
  int32_t has_alpha;     // the last channel
  uint32_t orientation;  // 1 to 8, as in EXIF
} ctiff_layout;

/// Reads what a page's directory says, which stands at an offset of the file; 0 takes the first one. Fill
/// `header` with zeros before, and release it after, also on failure. `message` (CODEC_MESSAGE_CAPACITY bytes)
/// is set on failure only, here and below.
///
/// Unsigned samples of up to 8 bits come as 8 bits, 1 to 7 bits spread over them; those of up to 16 as 16 bits
/// and with the file's own numbers; all others as float32 (bit_depth 32). Alpha comes as the last channel and
/// over the whole range of its type, 0 to 1 where that is float32. Palettes, CMYK, YCbCr and L*a*b* come as
/// RGB, and white as the largest number. EXIF, ICC profile, XMP and density are not looked for.
codec_status ctiff_read_header(const ctiff_input *input, uint64_t directory, codec_header *header,
                               ctiff_layout *layout, char *message);

/// Decodes a page into `pixels`: row-major, interleaved, bytes, native-endian 16-bit words or float32, as the
/// header says; fails where `capacity` is not exactly their size in bytes. With `accept_damage` not 0, pixels
/// that are missing or damaged are left at 0, and the status is CODEC_PARTIAL, if there is a whole row.
codec_status ctiff_decode(const ctiff_input *input, uint64_t directory, int accept_damage, void *pixels,
                          size_t capacity, char *message);

/// A page that is open for decoding it in parts.
typedef struct ctiff_parts ctiff_parts;

/// Opens a page for `ctiff_decode_part`; close it. `input` has to stay. `*parts` is NULL where the page is
/// decoded only as a whole.
///
/// Parts consist of whole blocks of `*block_height` rows and `*block_width` columns, which are fewer at the
/// lower and the right border.
codec_status ctiff_open_parts(const ctiff_input *input, uint64_t directory, ctiff_parts **parts,
                              uint32_t *block_height, uint32_t *block_width, char *message);

/// Decodes blocks that lie next to each other; else as `ctiff_decode`.
codec_status ctiff_decode_part(ctiff_parts *parts, uint32_t top, uint32_t left, uint32_t height, uint32_t width,
                               int accept_damage, void *pixels, size_t capacity, char *message);

void ctiff_close_parts(ctiff_parts *parts);

/// A page that is written. Of `source`, EXIF and chunks are not written.
typedef struct {
  codec_source source;
  ctiff_form form;
  int32_t has_alpha;  // the last channel
  int32_t is_big;     // in a BigTIFF file, which may be larger than 4 GiB
  uint32_t number;    // in its file, from 0 on
  uint32_t count;     // of pages in its file
  uint64_t start;     // where in its file it begins; 0 for the first page
} ctiff_page;

/// Encodes a page to memory: the file's header, which leads to the page's directory, and behind it what stands
/// from `start` on. A file's first page is a file. On success the caller owns `*bytes` and frees it with
/// codec_free.
///
/// The pixels of a page are as `ctiff_read_header` describes them for its form. A compression that loses
/// something or that this libtiff has not becomes Deflate.
codec_status ctiff_encode(const ctiff_page *page, uint8_t **bytes, size_t *count, char *message);

#ifdef __cplusplus
}
#endif

#endif
