// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Rewrites a jar's classes to the class file version of this JDK, stack maps included: {@code NewerClasses IN OUT}.
 *
 * <p>The AOT cache takes no class older than Java 6, because those lack stack maps. picocli is compiled for Java 5, and its 170 classes
 * are then read, parsed and verified at each start: 50 ms of 270.
 */
final class NewerClasses {
    private NewerClasses() {}

    public static void main(String[] arguments) throws IOException {
        try (JarFile in = new JarFile(arguments[0]);
                OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
                JarOutputStream out = new JarOutputStream(file)) {
            ClassFile reader = ClassFile.of(
                    ClassFile.StackMapsOption.STACK_MAPS_WHEN_REQUIRED,
                    ClassFile.ConstantPoolSharingOption.NEW_POOL,
                    ClassFile.ClassHierarchyResolverOption.of(
                            ClassHierarchyResolver.ofResourceParsing(name -> open(in, name.descriptorString()))
                                    .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : Collections.list(in.entries())) {
                byte[] content = in.getInputStream(entry).readAllBytes();
                JarEntry copy = new JarEntry(entry.getName());
                copy.setTime(0);
                out.putNextEntry(copy);
                out.write(isOld(entry.getName(), content) ? renewed(reader, content) : content);
                out.closeEntry();
            }
        }
    }

    private static boolean isOld(String name, byte[] content) {
        return name.endsWith(".class") && !name.endsWith("module-info.class") && (content[7] & 0xff) < 50;
    }

    private static byte[] renewed(ClassFile reader, byte[] content) {
        ClassModel model = reader.parse(content);
        return reader.transformClass(
                model,
                ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                        .andThen(ClassTransform.endHandler(
                                builder -> builder.withVersion(ClassFile.latestMajorVersion(), 0))));
    }

    private static InputStream open(JarFile jar, String descriptor) {
        JarEntry entry = jar.getJarEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
        try {
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException e) {
            return null;
        }
    }
}
