#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/document.hpp"
#include "schema/codec/limits.hpp"

namespace troupe::schema {

/// Reads a stream of YAML documents as Kubernetes' tools do (YAML 1.1 as go-yaml resolves it): plain `0644` is 420,
/// `on` is true, dates stay strings; anchors and merge keys are resolved, keys become strings.
class YamlReader {
 public:
  /// `text` must live as long as the reader.
  explicit YamlReader(std::string_view text, const Limits& limits = {});
  YamlReader(YamlReader&&) noexcept;
  YamlReader& operator=(YamlReader&&) noexcept;
  ~YamlReader();

  /// The next document that is not empty, into `out`; false at the end. An error ends the stream: kInvalidArgument with
  /// line and column, or kTooLarge.
  Result<bool> next(Document& out, Diagnostics& diagnostics);
  /// Line of the text at which the document that was read last begins, from 1.
  std::size_t line() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A Document's value as YAML, as `kubectl get -o yaml` prints it: keys sorted, strings quoted where they would be read
/// as something else, several lines as a literal block. Ends with a newline.
void encode_yaml(const Node& node, ByteBuffer& out);

}  // namespace troupe::schema
