// oneDNN's C interface, found at run time; HAS_ONEDNN says whether it can be compiled for.
#pragma once

#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_version.h>
#endif

// Version 3 has dropped the Winograd kernels for x86 and changed the interface.
#if defined(DNNL_VERSION_MAJOR) && DNNL_VERSION_MAJOR == 2 && defined(__x86_64__)
#define HAS_ONEDNN 1
#else
#define HAS_ONEDNN 0
#endif

#if HAS_ONEDNN

#include <c10/util/Exception.h>
#include <dlfcn.h>

#include <string>
#include <utility>

namespace onednn {

// The functions used, found in the library at run time: the program then starts without it as well, and a
// libtorch that brings a oneDNN of its own (hidden inside it) does not meet this one.
// clang-format off
#define ONEDNN_FUNCTIONS(apply)                                                                          \
  apply(dnnl_version) apply(dnnl_get_effective_cpu_isa) apply(dnnl_engine_create)                        \
  apply(dnnl_stream_create) apply(dnnl_stream_destroy) apply(dnnl_stream_wait)                           \
  apply(dnnl_memory_desc_init_by_tag) apply(dnnl_memory_desc_equal) apply(dnnl_memory_desc_get_size)     \
  apply(dnnl_convolution_forward_desc_init) apply(dnnl_convolution_backward_data_desc_init)              \
  apply(dnnl_convolution_backward_weights_desc_init) apply(dnnl_reorder_primitive_desc_create)           \
  apply(dnnl_primitive_attr_create) apply(dnnl_primitive_attr_destroy)                                   \
  apply(dnnl_primitive_attr_set_scratchpad_mode) apply(dnnl_primitive_desc_create)                       \
  apply(dnnl_primitive_desc_query) apply(dnnl_primitive_desc_query_md)                                   \
  apply(dnnl_primitive_desc_destroy) apply(dnnl_primitive_create) apply(dnnl_primitive_execute)          \
  apply(dnnl_primitive_destroy) apply(dnnl_memory_create) apply(dnnl_memory_destroy)
// clang-format on

struct Library {
#define DECLARE(name) decltype(&::name) name = nullptr;
  ONEDNN_FUNCTIONS(DECLARE)
#undef DECLARE
  dnnl_engine_t engine = nullptr;
  std::string version;

  Library() {
    const std::string file = "libdnnl.so." + std::to_string(DNNL_VERSION_MAJOR);
    void *handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return;
    bool is_complete = true;
#define FIND(name)                                               \
  name = reinterpret_cast<decltype(name)>(dlsym(handle, #name)); \
  is_complete = is_complete && name != nullptr;
    ONEDNN_FUNCTIONS(FIND)
#undef FIND
    if (!is_complete || dnnl_version()->major != DNNL_VERSION_MAJOR) return;
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) return;
    const dnnl_version_t &found = *dnnl_version();
    version =
        std::to_string(found.major) + "." + std::to_string(found.minor) + "." + std::to_string(found.patch);
  }

  bool has_isa(dnnl_cpu_isa_t isa) const {
    return engine != nullptr && (dnnl_get_effective_cpu_isa() & isa) == isa;
  }
};

inline const Library &library() {
  static const Library *const loaded = new Library();  // lives as long as the process
  return *loaded;
}

inline void check(dnnl_status_t status, const char *what) {
  TORCH_CHECK(status == dnnl_success, "oneDNN could not ", what, " (status ", static_cast<int>(status), ")");
}

// Owns one of the library's objects; `destroy` is the function that ends it.
template <class Object, auto destroy>
class Handle {
 public:
  Handle() = default;
  Handle(Handle &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Handle &operator=(Handle &&other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Handle() {
    if (object_ != nullptr) (library().*destroy)(object_);
  }

  Object get() const { return object_; }
  // For a function of the library to put what it makes; nothing is owned yet.
  Object *out() { return &object_; }

 private:
  Object object_ = nullptr;
};

using PrimitiveHandle = Handle<dnnl_primitive_t, &Library::dnnl_primitive_destroy>;
using DescriptionHandle = Handle<dnnl_primitive_desc_t, &Library::dnnl_primitive_desc_destroy>;
using AttributesHandle = Handle<dnnl_primitive_attr_t, &Library::dnnl_primitive_attr_destroy>;
using MemoryHandle = Handle<dnnl_memory_t, &Library::dnnl_memory_destroy>;
using StreamHandle = Handle<dnnl_stream_t, &Library::dnnl_stream_destroy>;

}  // namespace onednn

#endif
