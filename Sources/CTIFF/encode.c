#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "samples.h"

// A file in memory that libtiff writes to, and reads again where it goes back. Of the file there are the header
// and what stands from `start` on.
typedef struct {
  ctiff_errors errors;
  uint8_t *bytes;
  size_t count;
  size_t capacity;
  size_t header_count;
  uint64_t start;
  uint64_t offset;
} file;

static int grow(file *file, size_t count) {
  if (count <= file->capacity) return 1;
  size_t capacity = count + count / 2 + (1 << 16);
  uint8_t *bytes = realloc(file->bytes, capacity);
  if (!bytes) return 0;
  file->bytes = bytes;
  file->capacity = capacity;
  return 1;
}

// Where the byte at the file's offset is, and how many of `count` follow on it.
static size_t place(const file *file, size_t *count) {
  if (file->offset >= file->start) return (size_t)(file->offset - file->start) + file->header_count;
  size_t left = file->offset < file->header_count ? file->header_count - (size_t)file->offset : 0;
  if (*count > left) *count = left;
  return (size_t)file->offset;
}

static tmsize_t read_bytes(thandle_t handle, void *buffer, tmsize_t count) {
  file *file = handle;
  if (count < 0) return 0;
  size_t got = (size_t)count, first = place(file, &got);
  size_t left = first < file->count ? file->count - first : 0;
  if (got > left) got = left;
  if (got > 0) memcpy(buffer, file->bytes + first, got);
  file->offset += got;
  return (tmsize_t)got;
}

static tmsize_t write_bytes(thandle_t handle, void *buffer, tmsize_t count) {
  file *file = handle;
  if (count <= 0) return 0;
  size_t got = (size_t)count, first = place(file, &got);
  if (got < (size_t)count || !grow(file, first + got)) return 0;
  if (first > file->count) memset(file->bytes + file->count, 0, first - file->count);
  memcpy(file->bytes + first, buffer, got);
  file->offset += got;
  if (first + got > file->count) file->count = first + got;
  return count;
}

static toff_t size_of(thandle_t handle) {
  const file *file = handle;
  return file->count > file->header_count ? file->count - file->header_count + file->start : file->start;
}

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
  file *file = handle;
  switch (origin) {
    case SEEK_SET: file->offset = offset; break;
    case SEEK_CUR: file->offset += offset; break;
    default: file->offset = size_of(handle) + offset; break;
  }
  return file->offset;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

// The compression a page gets: its form's where that loses nothing, or Deflate.
static void set_compression(TIFF *tiff, const ctiff_page *page) {
  const ctiff_form *form = &page->form;
  uint16_t compression = (uint16_t)form->compression;
  int takes_predictor = 1;
  switch (form->compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_PACKBITS: takes_predictor = 0; break;
    case COMPRESSION_LZW:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD: break;
    case COMPRESSION_WEBP:
      takes_predictor = 0;
      if (form->kind != CTIFF_UNSIGNED || form->bits != 8 || form->is_planar ||
          (page->source.channels != 3 && page->source.channels != 4)) {
        compression = COMPRESSION_ADOBE_DEFLATE;
        takes_predictor = 1;
      }
      break;
    default: compression = COMPRESSION_ADOBE_DEFLATE; break;
  }
  if (!TIFFIsCODECConfigured(compression)) compression = COMPRESSION_ADOBE_DEFLATE;
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
  if (compression == COMPRESSION_WEBP) TIFFSetField(tiff, TIFFTAG_WEBP_LOSSLESS, 1);
  if (!takes_predictor) return;
  uint32_t bits = form->bits;
  int is_lossy_form = compression != form->compression;
  int differences = form->predictor == PREDICTOR_HORIZONTAL || is_lossy_form;
  if (form->kind == CTIFF_FLOAT && (form->predictor == PREDICTOR_FLOATINGPOINT || is_lossy_form))
    TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_FLOATINGPOINT);
  else if (differences && (bits == 8 || bits == 16 || bits == 32))
    TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
}

static void set_density(TIFF *tiff, codec_density density) {
  uint16_t unit = RESUNIT_NONE;
  double scale = 1;
  switch (density.unit) {
    case CODEC_DENSITY_UNKNOWN: return;
    case CODEC_DENSITY_ASPECT: break;
    case CODEC_DENSITY_INCH: unit = RESUNIT_INCH; break;
    case CODEC_DENSITY_CENTIMETER: unit = RESUNIT_CENTIMETER; break;
    case CODEC_DENSITY_METER:
      unit = RESUNIT_CENTIMETER;
      scale = 0.01;
      break;
  }
  TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, unit);
  TIFFSetField(tiff, TIFFTAG_XRESOLUTION, density.x * scale);
  TIFFSetField(tiff, TIFFTAG_YRESOLUTION, density.y * scale);
}

static void describe(TIFF *tiff, const ctiff_page *page) {
  const codec_source *source = &page->source;
  const ctiff_form *form = &page->form;
  uint32_t colors = source->channels - (page->has_alpha ? 1 : 0);
  int is_rgb = colors == 3 || (colors > 3 && form->is_color);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, source->width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, source->height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, (uint16_t)form->bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, (uint16_t)source->channels);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT,
               form->kind == CTIFF_UNSIGNED ? SAMPLEFORMAT_UINT
               : form->kind == CTIFF_SIGNED ? SAMPLEFORMAT_INT
                                            : SAMPLEFORMAT_IEEEFP);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, is_rgb ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, form->is_planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  uint16_t extra[CTIFF_SAMPLE_LIMIT] = {0};
  uint32_t extra_count = source->channels - (is_rgb ? 3 : 1);
  if (page->has_alpha)
    extra[extra_count - 1] = form->is_associated ? EXTRASAMPLE_ASSOCALPHA : EXTRASAMPLE_UNASSALPHA;
  if (extra_count > 0) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, (uint16_t)extra_count, extra);
  set_compression(tiff, page);
  if (form->tile_width > 0 && form->tile_height > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, form->tile_width);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, form->tile_height);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, form->rows_per_strip));
  }
  if (source->icc_profile)
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)source->icc_profile_count, source->icc_profile);
  if (source->xmp) TIFFSetField(tiff, TIFFTAG_XMLPACKET, (uint32_t)source->xmp_count, source->xmp);
  set_density(tiff, source->density);
  if (page->count > 1) {
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_PAGE);
    if (page->count <= UINT16_MAX)
      TIFFSetField(tiff, TIFFTAG_PAGENUMBER, (uint16_t)page->number, (uint16_t)page->count);
  }
}

// Packs `stored` samples of each of `count` pixels, from channel `first` on. `numbers` has room for them.
static void pack(const ctiff_page *page, uint32_t y, uint32_t x, size_t count, uint32_t first, uint32_t stored,
                 void *numbers, uint8_t *row) {
  const codec_source *source = &page->source;
  const ctiff_form *form = &page->form;
  size_t start = ((size_t)y * source->width + x) * source->channels + first;
  uint32_t alpha = page->has_alpha ? source->channels - 1 : source->channels;
  uint32_t largest = ctiff_largest(form->kind, form->bits);
  if (source->bit_depth == 32) {
    const float *samples = (const float *)source->pixels + start;
    float *floats = numbers;
    for (size_t pixel = 0; pixel < count; pixel += 1)
      for (uint32_t index = 0; index < stored; index += 1) {
        float number = samples[pixel * source->channels + index];
        if (first + index == alpha && form->kind != CTIFF_FLOAT) number *= (float)largest;
        floats[pixel * stored + index] = number;
      }
    ctiff_pack_float(floats, count * stored, form->kind, form->bits, row);
    return;
  }
  uint32_t *words = numbers, full = source->bit_depth == 8 ? 255 : 65535;
  for (size_t pixel = 0; pixel < count; pixel += 1)
    for (uint32_t index = 0; index < stored; index += 1) {
      size_t place = start + pixel * source->channels + index;
      uint32_t number =
          full == 255 ? ((const uint8_t *)source->pixels)[place] : ((const uint16_t *)source->pixels)[place];
      if (first + index == alpha && full != largest) number = (number * largest + full / 2) / full;
      words[pixel * stored + index] = number;
    }
  ctiff_pack(words, count * stored, form->bits, row);
}

static int write_strips(TIFF *tiff, const ctiff_page *page, uint8_t *row, size_t row_bytes, void *numbers) {
  uint32_t planes = page->form.is_planar ? page->source.channels : 1, stored = page->source.channels / planes;
  for (uint32_t plane = 0; plane < planes; plane += 1)
    for (uint32_t y = 0; y < page->source.height; y += 1) {
      memset(row, 0, row_bytes);
      pack(page, y, 0, page->source.width, plane, stored, numbers, row);
      if (TIFFWriteScanline(tiff, row, y, (uint16_t)plane) != 1) return 0;
    }
  return 1;
}

static int write_tiles(TIFF *tiff, const ctiff_page *page, uint8_t *tile, size_t tile_bytes, void *numbers) {
  uint32_t planes = page->form.is_planar ? page->source.channels : 1, stored = page->source.channels / planes;
  uint32_t height = page->source.height, width = page->source.width;
  uint32_t tile_height = page->form.tile_height, tile_width = page->form.tile_width;
  size_t row_bytes = (size_t)TIFFTileRowSize(tiff);
  for (uint32_t plane = 0; plane < planes; plane += 1)
    for (uint32_t y = 0; y < height;) {
      uint32_t rows = height - y < tile_height ? height - y : tile_height;
      for (uint32_t x = 0; x < width;) {
        uint32_t columns = width - x < tile_width ? width - x : tile_width;
        memset(tile, 0, tile_bytes);
        for (uint32_t row = 0; row < rows; row += 1)
          pack(page, y + row, x, columns, plane, stored, numbers, tile + row * row_bytes);
        if (TIFFWriteTile(tiff, tile, x, y, 0, (uint16_t)plane) < 0) return 0;
        x += columns;
      }
      y += rows;
    }
  return 1;
}

static int write_page(TIFF *tiff, const ctiff_page *page) {
  int is_tiled = TIFFIsTiled(tiff);
  tmsize_t bytes = is_tiled ? TIFFTileSize(tiff) : TIFFScanlineSize(tiff);
  if (bytes <= 0) return 0;
  uint8_t *block = malloc((size_t)bytes);
  void *numbers = malloc(4 * (size_t)page->source.width * page->source.channels);
  int is_written = block && numbers &&
                   (is_tiled ? write_tiles(tiff, page, block, (size_t)bytes, numbers)
                             : write_strips(tiff, page, block, (size_t)bytes, numbers)) &&
                   TIFFWriteDirectory(tiff);
  free(block);
  free(numbers);
  return is_written;
}

static codec_status check(const ctiff_page *page, char *message) {
  const ctiff_form *form = &page->form;
  uint32_t depth = page->source.bit_depth, bits = form->bits;
  int fits = form->kind == CTIFF_FLOAT    ? depth == 32 && (bits == 16 || bits == 32 || bits == 64)
             : form->kind == CTIFF_SIGNED ? depth == 32 && bits >= 1 && bits <= 32
             : depth == 8                 ? bits == 8
             : depth == 16                ? bits > 8 && bits <= 16
                                          : depth == 32 && bits > 16 && bits <= 32;
  uint32_t channels = page->source.channels;
  if (!fits || channels < (page->has_alpha ? 2 : 1) || channels > CTIFF_SAMPLE_LIMIT)
    return codec_fail(message, CODEC_BROKEN, "pixels of another kind than the file's");
  return CODEC_OK;
}

codec_status ctiff_encode(const ctiff_page *page, uint8_t **bytes, size_t *count, char *message) {
  codec_status status = check(page, message);
  if (status != CODEC_OK) return status;
  // The offset of the first directory ends a header.
  file file = {.header_count = page->is_big ? 16 : 8};
  file.start = page->start ? page->start : file.header_count;
  if (file.start < file.header_count) return codec_fail(message, CODEC_BROKEN, "a page within the header");
  TIFFOpenOptions *options = ctiff_options(&file.errors, 0);
  if (!options) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  char mode[4] = {'w', page->form.is_big_endian ? 'b' : 'l', page->is_big ? '8' : 0, 0};
  TIFF *tiff = TIFFClientOpenExt("", mode, &file, read_bytes, write_bytes, seek, close_nothing, size_of, NULL,
                                 NULL, options);
  TIFFOpenOptionsFree(options);
  int is_written = tiff != NULL;
  if (is_written) {
    describe(tiff, page);
    is_written = write_page(tiff, page);
  }
  if (tiff) TIFFClose(tiff);
  if (!is_written || file.errors.words[0]) {
    free(file.bytes);
    return ctiff_fail(&file.errors, message);
  }
  *bytes = file.bytes;
  *count = file.count;
  return CODEC_OK;
}
