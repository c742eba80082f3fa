package dev.kvpress.compare.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.UnsignedLong;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Values of Parquet as JSON: groups as objects, lists (in three levels as Arrow writes them, or two
 * as older writers do) as lists, maps as objects. Bytes that are not marked as text stay bytes, so
 * that no column of texts takes them.
 */
final class ParquetValues {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ParquetValues() {}

  static ObjectNode object(Group group) {
    GroupType type = group.getType();
    ObjectNode object = JSON.objectNode();
    for (int f = 0; f < type.getFieldCount(); f++) {
      object.set(type.getFieldName(f), field(group, f));
    }
    return object;
  }

  private static JsonNode field(Group group, int field) {
    Type type = group.getType().getType(field);
    if (type.isRepetition(Type.Repetition.REPEATED)) {
      return repeated(group, field);
    }
    return group.getFieldRepetitionCount(field) == 0 ? JSON.nullNode() : value(group, field, 0);
  }

  private static ArrayNode repeated(Group group, int field) {
    ArrayNode list = JSON.arrayNode();
    for (int i = 0; i < group.getFieldRepetitionCount(field); i++) {
      list.add(value(group, field, i));
    }
    return list;
  }

  private static JsonNode value(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      return primitive(group, field, index);
    }
    Group inner = group.getGroup(field, index);
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    if (logical instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation) {
      return list(inner);
    }
    if (logical instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation) {
      return map(inner);
    }
    return object(inner);
  }

  private static JsonNode list(Group list) {
    Type entry = list.getType().getType(0);
    boolean wrapped = !entry.isPrimitive() && entry.asGroupType().getFieldCount() == 1;
    if (!wrapped) {
      return repeated(list, 0);
    }
    ArrayNode values = JSON.arrayNode();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      values.add(field(list.getGroup(0, i), 0));
    }
    return values;
  }

  private static JsonNode map(Group map) {
    ObjectNode values = JSON.objectNode();
    for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
      Group entry = map.getGroup(0, i);
      values.set(field(entry, 0).asText(), field(entry, 1));
    }
    return values;
  }

  private static JsonNode primitive(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    if (type.getLogicalTypeAnnotation()
        instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation decimal) {
      return JSON.numberNode(new BigDecimal(unscaled(group, field, index), decimal.getScale()));
    }
    boolean unsigned =
        type.getLogicalTypeAnnotation()
                instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation whole
            && !whole.isSigned();
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 ->
          unsigned
              ? whole(Integer.toUnsignedLong(group.getInteger(field, index)))
              : JSON.numberNode(group.getInteger(field, index));
      case INT64 ->
          unsigned
              ? JSON.numberNode(
                  UnsignedLong.fromLongBits(group.getLong(field, index)).bigIntegerValue())
              : whole(group.getLong(field, index));
      case FLOAT -> JSON.numberNode(group.getFloat(field, index));
      case DOUBLE -> JSON.numberNode(group.getDouble(field, index));
      case BOOLEAN -> JSON.booleanNode(group.getBoolean(field, index));
      case BINARY ->
          isText(type.getLogicalTypeAnnotation())
              ? JSON.textNode(group.getString(field, index))
              : JSON.binaryNode(group.getBinary(field, index).getBytes());
      case INT96, FIXED_LEN_BYTE_ARRAY -> JSON.binaryNode(group.getBinary(field, index).getBytes());
    };
  }

  /** Digits of a decimal number, whatever holds them. */
  private static BigInteger unscaled(Group group, int field, int index) {
    return switch (group.getType().getType(field).asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> BigInteger.valueOf(group.getInteger(field, index));
      case INT64 -> BigInteger.valueOf(group.getLong(field, index));
      default -> new BigInteger(group.getBinary(field, index).getBytes());
    };
  }

  /** JSON has one kind of whole numbers, and readers ask whether it fits an int. */
  private static JsonNode whole(long number) {
    return (int) number == number ? JSON.numberNode((int) number) : JSON.numberNode(number);
  }

  private static boolean isText(@Nullable LogicalTypeAnnotation logical) {
    return logical instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
        || logical instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation
        || logical instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
  }
}
