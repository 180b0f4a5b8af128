#include "errors.h"

#include <stdio.h>
#include <string.h>

static void keep(ctiff_errors *errors, const char *format, va_list arguments) {
  if (errors->words[0]) return;
  vsnprintf(errors->words, sizeof errors->words, format, arguments);
  for (char *letter = errors->words; *letter; letter += 1)
    if ((unsigned char)*letter < ' ') *letter = ' ';
}

static int take_error(TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  keep(context, format, arguments);
  return 1;
}

static int take_warning(TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  ctiff_errors *errors = context;
  if (errors->counts_warnings) keep(errors, format, arguments);
  return 1;
}

TIFFOpenOptions *ctiff_options(ctiff_errors *errors, tmsize_t limit) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, take_error, errors);
  TIFFOpenOptionsSetWarningHandlerExtR(options, take_warning, errors);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, limit);
  return options;
}

codec_status ctiff_fail(const ctiff_errors *errors, char *message) {
  const char *words = errors->words;
  if (!words[0]) return codec_fail(message, CODEC_BROKEN, "libtiff does not take it");
  int lacks_memory = (strstr(words, "emory") || strstr(words, "No space")) && !strstr(words, "beyond the");
  return codec_fail(message, lacks_memory ? CODEC_OUT_OF_MEMORY : CODEC_BROKEN, words);
}
