#include "page.h"

#include <stdio.h>
#include <string.h>

static tmsize_t read_bytes(thandle_t handle, void *buffer, tmsize_t count) {
  ctiff_reader *reader = handle;
  if (count <= 0) return 0;
  size_t got = 0;
  if (reader->offset < reader->input->size)
    got = reader->input->read(reader->input->context, reader->offset, buffer, (size_t)count);
  if (got < (size_t)count) reader->passed_end = 1;
  reader->offset += got;
  return (tmsize_t)got;
}

static tmsize_t write_bytes(thandle_t handle, void *buffer, tmsize_t count) {
  (void)handle;
  (void)buffer;
  (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
  ctiff_reader *reader = handle;
  switch (origin) {
    case SEEK_SET: reader->offset = offset; break;
    case SEEK_CUR: reader->offset += offset; break;
    default: reader->offset = reader->input->size + offset; break;
  }
  return reader->offset;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_of(thandle_t handle) { return ((ctiff_reader *)handle)->input->size; }

codec_status ctiff_reader_fail(const ctiff_reader *reader, char *message) {
  codec_status status = ctiff_fail(&reader->errors, message);
  return status == CODEC_BROKEN && reader->passed_end
             ? codec_fail(message, CODEC_TRUNCATED, "the file ends early")
             : status;
}

static codec_status refuse(char *message, const char *words) {
  return codec_fail(message, CODEC_BROKEN, words);
}

static uint16_t number(TIFF *tiff, uint32_t tag, uint16_t otherwise) {
  uint16_t value = otherwise;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

// How samples are stored, and those that are not read.
static codec_status read_samples(ctiff_reader *reader, char *message) {
  TIFF *tiff = reader->tiff;
  uint16_t compression = number(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (compression == COMPRESSION_OJPEG) return refuse(message, "old-style JPEG compression, which is not read");
  if (!TIFFIsCODECConfigured(compression)) {
    char words[CODEC_MESSAGE_CAPACITY];
    snprintf(words, sizeof words, "compression %d, which this libtiff does not read", compression);
    return refuse(message, words);
  }
  reader->samples = number(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  reader->bits = number(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  if (reader->samples == 0) return refuse(message, "no samples");
  if (reader->samples > CTIFF_SAMPLE_LIMIT) return refuse(message, "more than 64 samples a pixel");
  uint32_t bits = reader->bits;
  switch (number(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT)) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID: reader->kind = CTIFF_UNSIGNED; break;
    case SAMPLEFORMAT_INT: reader->kind = CTIFF_SIGNED; break;
    case SAMPLEFORMAT_IEEEFP: reader->kind = CTIFF_FLOAT; break;
    case SAMPLEFORMAT_COMPLEXINT:
    case SAMPLEFORMAT_COMPLEXIEEEFP: return refuse(message, "complex samples, which are not read");
    default: return refuse(message, "an unknown format of samples");
  }
  if (reader->kind == CTIFF_FLOAT ? bits != 16 && bits != 24 && bits != 32 && bits != 64
                                  : bits < 1 || bits > 32) {
    char words[CODEC_MESSAGE_CAPACITY];
    snprintf(words, sizeof words, "%s samples of %u bits, which are not read",
             reader->kind == CTIFF_FLOAT ? "float" : "integer", bits);
    return refuse(message, words);
  }
  return CODEC_OK;
}

// Leaves out samples behind the colors whose planes were never written, though the page announces them.
static void drop_missing_planes(ctiff_reader *reader, uint32_t colors) {
  TIFF *tiff = reader->tiff;
  if (number(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) != PLANARCONFIG_SEPARATE) return;
  uint32_t blocks = TIFFIsTiled(tiff) ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  uint32_t in_plane = blocks / reader->samples;
  int has_alpha = reader->layout.has_alpha;
  while (reader->samples > colors && (!has_alpha || reader->alpha + 1 < reader->samples) &&
         TIFFGetStrileByteCount(tiff, (reader->samples - 1) * in_plane) == 0)
    reader->samples -= 1;
  if (!has_alpha) reader->alpha = reader->samples;
}

// Which sample is alpha, and how many colors there are.
static uint32_t read_extra_samples(ctiff_reader *reader) {
  uint16_t count = 0, *kinds = NULL;
  reader->alpha = reader->samples;
  if (!TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) || count >= reader->samples)
    count = 0;
  for (uint32_t index = 0; index < count; index += 1) {
    if (kinds[index] != EXTRASAMPLE_ASSOCALPHA && kinds[index] != EXTRASAMPLE_UNASSALPHA) continue;
    reader->alpha = reader->samples - count + index;
    reader->layout.has_alpha = 1;
    reader->layout.form.is_associated = kinds[index] == EXTRASAMPLE_ASSOCALPHA;
    break;
  }
  uint32_t colors = reader->samples - count;
  if (count > 0) drop_missing_planes(reader, colors);
  return colors;
}

// How colors are stored, and those that are not read.
static codec_status read_colors(ctiff_reader *reader, char *message) {
  TIFF *tiff = reader->tiff;
  uint32_t colors = read_extra_samples(reader);
  uint16_t photometric = colors >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  int is_bytes = reader->kind == CTIFF_UNSIGNED && reader->bits == 8;
  reader->conversion = CTIFF_AS_STORED;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      if (reader->kind == CTIFF_UNSIGNED) reader->conversion = CTIFF_WHITE_IS_ZERO;
      break;
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK: break;
    case PHOTOMETRIC_RGB: reader->layout.form.is_color = colors >= 3; break;
    case PHOTOMETRIC_PALETTE:
      if (colors != 1 || reader->kind != CTIFF_UNSIGNED || reader->bits > 16)
        return refuse(message, "a palette of a kind that is not read");
      reader->conversion = CTIFF_PALETTE;
      break;
    case PHOTOMETRIC_SEPARATED:
      if (colors == 4 && number(tiff, TIFFTAG_INKSET, INKSET_CMYK) == INKSET_CMYK &&
          reader->kind == CTIFF_UNSIGNED && (reader->bits == 8 || reader->bits == 16) &&
          (reader->samples == 4 || (reader->samples == 5 && reader->alpha == 4)))
        reader->conversion = CTIFF_CMYK;
      break;
    case PHOTOMETRIC_YCBCR:
      if (!is_bytes || reader->samples != 3) return refuse(message, "YCbCr of a kind that is not read");
      if (number(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE) == COMPRESSION_JPEG) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        reader->layout.form.is_color = 1;
      } else {
        reader->conversion = CTIFF_BY_LIBTIFF;
      }
      break;
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
      if (!is_bytes || reader->samples != 3) return refuse(message, "L*a*b* of a kind that is not read");
      reader->conversion = CTIFF_BY_LIBTIFF;
      break;
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV: return refuse(message, "logarithmic luminance (LogLuv), which is not read");
    case PHOTOMETRIC_CFA:
    case 34892: return refuse(message, "a camera's raw data, which are not read");
    default: return refuse(message, "colors of an unknown kind");
  }
  return CODEC_OK;
}

// What the pixels are.
static codec_status decide_pixels(ctiff_reader *reader, char *message) {
  ctiff_form *form = &reader->layout.form;
  reader->channels = reader->samples;
  form->kind = reader->kind;
  form->bits = reader->kind == CTIFF_UNSIGNED && reader->bits < 8 ? 8 : reader->bits;
  switch (reader->conversion) {
    case CTIFF_AS_STORED:
    case CTIFF_WHITE_IS_ZERO: break;
    case CTIFF_PALETTE:
      // Of other samples only alpha means something beside a palette.
      reader->channels = reader->layout.has_alpha ? 4 : 3;
      form->bits = 8;
      form->is_color = 1;
      break;
    case CTIFF_CMYK:
      reader->channels = reader->samples - 1;
      form->is_color = 1;
      break;
    case CTIFF_BY_LIBTIFF: {
      char words[1024] = "";
      if (!TIFFRGBAImageOK(reader->tiff, words)) {
        words[CODEC_MESSAGE_CAPACITY - 1] = 0;
        return refuse(message, words);
      }
      form->is_color = 1;
      break;
    }
  }
  reader->sample_bytes = form->kind != CTIFF_UNSIGNED || form->bits > 16 ? 4 : form->bits > 8 ? 2 : 1;
  return CODEC_OK;
}

static void read_form(ctiff_reader *reader) {
  TIFF *tiff = reader->tiff;
  ctiff_form *form = &reader->layout.form;
  form->compression = number(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  form->predictor = 1;
  uint16_t predictor = 1;
  switch (form->compression) {
    case COMPRESSION_LZW:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD:
      if (TIFFGetField(tiff, TIFFTAG_PREDICTOR, &predictor)) form->predictor = predictor;
      break;
    default: break;
  }
  form->is_planar = number(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  form->is_big_endian = TIFFIsBigEndian(tiff) != 0;
  if (TIFFIsTiled(tiff)) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &form->tile_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &form->tile_height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &form->rows_per_strip);
    if (form->rows_per_strip > reader->height) form->rows_per_strip = reader->height;
  }
  uint16_t orientation = number(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  reader->layout.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
}

codec_status ctiff_open(ctiff_reader *reader, const ctiff_input *input, uint64_t directory,
                        ctiff_large_strips large_strips, char *message) {
  memset(reader, 0, sizeof *reader);
  reader->input = input;
  // Compressed data is read in blocks of at most the file's length, and blocks of pixels are checked by who
  // decodes.
  const uint64_t least = 256 << 20, most = (uint64_t)1 << 34;
  uint64_t limit = input->size > most ? most : input->size;
  TIFFOpenOptions *options = ctiff_options(&reader->errors, (tmsize_t)(limit + least));
  if (!options) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  // Without memory mapping (m); large strips divided (C) or not (c); arrays of offsets are read when they are
  // needed (O); without the first directory where another is wanted (h).
  char mode[6] = {'r', 'm', large_strips == CTIFF_DIVIDED ? 'C' : 'c', 'O', directory ? 'h' : 0, 0};
  reader->tiff = TIFFClientOpenExt("", mode, reader, read_bytes, write_bytes, seek, close_nothing, size_of,
                                   NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  if (!reader->tiff || (directory && !TIFFSetSubDirectory(reader->tiff, directory)))
    return ctiff_reader_fail(reader, message);
  reader->errors.words[0] = 0;
  reader->passed_end = 0;
  if (!TIFFGetField(reader->tiff, TIFFTAG_IMAGEWIDTH, &reader->width) ||
      !TIFFGetField(reader->tiff, TIFFTAG_IMAGELENGTH, &reader->height) || reader->width == 0 ||
      reader->height == 0)
    return refuse(message, "a page without a size");
  codec_status status = read_samples(reader, message);
  if (status == CODEC_OK) status = read_colors(reader, message);
  if (status == CODEC_OK) status = decide_pixels(reader, message);
  if (status == CODEC_OK) read_form(reader);
  return status;
}

void ctiff_close(ctiff_reader *reader) {
  if (reader->tiff) TIFFClose(reader->tiff);
  reader->tiff = NULL;
}
