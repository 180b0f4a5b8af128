#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <string>

#include "shim.hpp"

namespace {

namespace jit = torch::jit;

// Where a module of this name hangs below another; made if there is none. Its class is named after its path:
// the analysis of aliases takes classes of one name for one class, and one that contains itself for no end.
jit::Module child(jit::Module parent, const std::string &name, std::string path) {
  if (parent.hasattr(name)) return parent.attr(name).toModule();
  std::replace(path.begin(), path.end(), '.', '_');
  jit::Module made("Layers_" + path);
  parent.register_module(name, made);
  return made;
}

// Puts a tensor below the modules that its name, "model.1.weight", leads through.
void put(const jit::Module &root, const std::string &name, const at::Tensor &tensor, bool is_parameter) {
  jit::Module module = root;
  size_t start = 0;
  for (size_t dot; (dot = name.find('.', start)) != std::string::npos; start = dot + 1)
    module = child(module, name.substr(start, dot - start), name.substr(0, dot));
  // It shares the network's storage, which nothing changes while the module is there.
  const at::Tensor own = tensor.detach();
  if (is_parameter)
    module.register_parameter(name.substr(start), own, false);
  else
    module.register_buffer(name.substr(start), own);
}

}  // namespace

ctorch_status ctorch_script_save(const char *source, const char *const *names,
                                 const ctorch_tensor *const *tensors, const bool *are_parameters, int32_t count,
                                 const char *note_name, const char *note, ctorch_sink sink, void *context,
                                 char **message) {
  return guarded(message, [&] {
    jit::Module module("Generator");
    for (int32_t i = 0; i < count; ++i) put(module, names[i], plain(tensors[i]), are_parameters[i]);
    module.define(source);
    module.eval();
    // Always says that all was taken: libtorch ends the program where the end of an archive cannot be written.
    const auto write = [&](const void *bytes, size_t length) {
      sink(context, bytes, length);
      return length;
    };
    jit::ExportModule(module, write, {{note_name, note}});
  });
}

ctorch_status ctorch_script_run(const char *path, const ctorch_tensor *input, ctorch_tensor **result,
                                char **message) {
  return guarded_tensor(result, message, [&] {
    jit::Module module = jit::load(path);
    return module.forward({plain(input)}).toTensor();
  });
}
