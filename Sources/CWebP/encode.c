#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>
#include <webp/mux.h>

#include "cwebp.h"

static codec_status fail(char *message, int is_memory) {
  return is_memory ? codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory")
                   : codec_fail(message, CODEC_BROKEN, "libwebp does not take it");
}

static codec_status compress(const codec_source *source, int quality, WebPMemoryWriter *writer, char *message) {
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture))
    return codec_fail(message, CODEC_BROKEN, "another version of libwebp");
  if (source->is_lossy) {
    config.quality = (float)(quality < 0 ? 0 : quality > 100 ? 100 : quality);
  } else {
    config.lossless = 1;
    config.exact = 1;
  }
  picture.use_argb = !source->is_lossy;
  picture.width = (int)source->width;
  picture.height = (int)source->height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = writer;
  int stride = (int)(source->width * source->channels);
  int done = source->channels == 4 ? WebPPictureImportRGBA(&picture, source->pixels, stride)
                                   : WebPPictureImportRGB(&picture, source->pixels, stride);
  done = done && WebPEncode(&config, &picture);
  int is_memory = picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                  picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY;
  WebPPictureFree(&picture);
  return done ? CODEC_OK : fail(message, is_memory);
}

// Puts the metadata and the compressed image into one file.
static codec_status assemble(const codec_source *source, const WebPMemoryWriter *writer, WebPData *file,
                             char *message) {
  WebPMux *mux = WebPMuxNew();
  if (!mux) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  WebPData image = {writer->mem, writer->size};
  WebPData profile = {source->icc_profile, source->icc_profile_count};
  WebPData exif = {source->exif, source->exif_count};
  WebPData xmp = {source->xmp, source->xmp_count};
  WebPMuxError error = WebPMuxSetImage(mux, &image, 0);
  if (error == WEBP_MUX_OK && profile.bytes) error = WebPMuxSetChunk(mux, "ICCP", &profile, 0);
  if (error == WEBP_MUX_OK && exif.bytes) error = WebPMuxSetChunk(mux, "EXIF", &exif, 0);
  if (error == WEBP_MUX_OK && xmp.bytes) error = WebPMuxSetChunk(mux, "XMP ", &xmp, 0);
  if (error == WEBP_MUX_OK) error = WebPMuxAssemble(mux, file);
  WebPMuxDelete(mux);
  return error == WEBP_MUX_OK ? CODEC_OK : fail(message, error == WEBP_MUX_MEMORY_ERROR);
}

codec_status cwebp_encode(const codec_source *source, int quality, uint8_t **bytes, size_t *count,
                          char *message) {
  if ((source->channels != 3 && source->channels != 4) || source->bit_depth != 8)
    return codec_fail(message, CODEC_BROKEN, "a WebP has 3 or 4 channels of 8 bits");
  if (source->width > CWEBP_SIDE_LIMIT || source->height > CWEBP_SIDE_LIMIT)
    return codec_fail(message, CODEC_BROKEN, "a WebP has at most 16383 pixels a side");
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  WebPData file;
  WebPDataInit(&file);
  codec_status status = compress(source, quality, &writer, message);
  if (status == CODEC_OK) status = assemble(source, &writer, &file, message);
  WebPMemoryWriterClear(&writer);
  if (status != CODEC_OK) return status;
  // libwebp's memory is freed by libwebp.
  *bytes = malloc(file.size);
  if (*bytes) memcpy(*bytes, file.bytes, file.size);
  *count = file.size;
  WebPDataClear(&file);
  return *bytes ? CODEC_OK : codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
}
