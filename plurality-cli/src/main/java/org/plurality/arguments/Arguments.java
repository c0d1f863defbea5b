// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * Declares the options and parameters of a command in code. Reading the same from annotations by reflection takes a
 * third of a look-up's time (decision 0023).
 *
 * <p>Names are written as help shows them: {@code "-q, --quiet"}. A label is the placeholder for a value in help.
 */
public final class Arguments {
    /**
     * picocli's own factory first searches the whole class path for another language's library, which takes a tenth of
     * a look-up's time.
     */
    private static final CommandLine.IFactory FACTORY = new Factory();

    private final String name;
    private final String[] description;
    private final ScopeType scope;
    private final List<String> aliases = new ArrayList<>();
    private final List<String> version = new ArrayList<>();
    private final List<ArgSpec> all = new ArrayList<>();
    private int positions;

    /** @param description lines for its help */
    public Arguments(String name, String... description) {
        this(ScopeType.LOCAL, name, description);
    }

    private Arguments(ScopeType scope, String name, String... description) {
        this.scope = scope;
        this.name = name;
        this.description = description;
    }

    /** Creates a command whose subcommands accept its options too. */
    public static Arguments inherited(String name, String... description) {
        return new Arguments(ScopeType.INHERIT, name, description);
    }

    /** Adds another name for the command. */
    public Arguments alias(String alias) {
        aliases.add(alias);
        return this;
    }

    /** Adds an option that shows the help. */
    public Arguments help(String names, String... meaning) {
        all.add(flagSpec(names, meaning).usageHelp(true).build());
        return this;
    }

    /** Adds an option that shows this text. */
    public Arguments version(String names, String meaning, String text) {
        all.add(flagSpec(names, meaning).versionHelp(true).build());
        version.add(text);
        return this;
    }

    public Flag flag(String names, String... meaning) {
        return new Flag(add(flagSpec(names, meaning)));
    }

    public Value<String> option(String names, String label, String... meaning) {
        return option(names, String.class, label, meaning);
    }

    /** @param type type of the value; picocli converts the text and reports what it cannot convert */
    public <T> Value<T> option(String names, Class<T> type, String label, String... meaning) {
        return new Value<>(add(valueSpec(names, label, meaning).type(type)));
    }

    /** Adds an option that must be given. */
    public Parameter<String> requiredOption(String names, String label, String... meaning) {
        return new Parameter<>(
                add(valueSpec(names, label, meaning).type(String.class).required(true)));
    }

    /** Adds an option that can be repeated, each time with one value. */
    public Values options(String names, String label, String... meaning) {
        return new Values(add(valueSpec(names, label, meaning).type(List.class).auxiliaryTypes(String.class)));
    }

    /** Adds a required parameter: the next word that is not an option. */
    public Parameter<String> parameter(String label, String... meaning) {
        return parameter(String.class, label, meaning);
    }

    /** Adds a required parameter of another type. */
    public <T> Parameter<T> parameter(Class<T> type, String label, String... meaning) {
        PositionalParamSpec spec = PositionalParamSpec.builder()
                .index(Integer.toString(positions++))
                .arity("1")
                .required(true)
                .paramLabel(label)
                .type(type)
                .description(meaning)
                .build();
        all.add(spec);
        return new Parameter<>(spec);
    }

    /** Adds a parameter that takes all remaining words that are not options. */
    public Values parameters(int least, String label, String... meaning) {
        PositionalParamSpec spec = PositionalParamSpec.builder()
                .index(positions++ + "..*")
                .arity(least + "..*")
                .required(least > 0)
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(meaning)
                .build();
        all.add(spec);
        return new Values(spec);
    }

    private OptionSpec.Builder flagSpec(String names, String... meaning) {
        return spec(names, meaning).type(boolean.class).arity("0");
    }

    private OptionSpec.Builder valueSpec(String names, String label, String... meaning) {
        return spec(names, meaning).paramLabel(label).arity("1");
    }

    private OptionSpec.Builder spec(String names, String... meaning) {
        return OptionSpec.builder(names.split(", ", -1)).description(meaning).scopeType(scope);
    }

    private OptionSpec add(OptionSpec.Builder builder) {
        OptionSpec spec = builder.build();
        all.add(spec);
        return spec;
    }

    CommandLine commandLine(Command command) {
        return new CommandLine(spec(command), FACTORY);
    }

    /**
     * Creates a command that only has subcommands.
     *
     * @param complaint error message if no subcommand is named
     */
    public CommandLine group(String complaint) {
        Group group = new Group(complaint);
        CommandSpec spec = spec(group);
        spec.usageMessage().synopsisSubcommandLabel("COMMAND");
        group.spec = spec;
        return new CommandLine(spec, FACTORY);
    }

    private CommandSpec spec(Object command) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command, FACTORY)
                .name(name)
                .aliases(aliases.toArray(String[]::new))
                .version(version.toArray(String[]::new));
        spec.usageMessage().description(description);
        all.forEach(spec::add);
        return spec;
    }

    /** Creates the objects that picocli requests by type: lists, for values that are repeated. */
    private static final class Factory implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws ReflectiveOperationException {
            return type == List.class
                    ? type.cast(new ArrayList<>())
                    : type.getDeclaredConstructor().newInstance();
        }
    }

    private static final class Group implements Runnable {
        private final String complaint;
        private @Nullable CommandSpec spec;

        Group(String complaint) {
            this.complaint = complaint;
        }

        @Override
        public void run() {
            if (spec != null) {
                throw new ParameterException(spec.commandLine(), complaint);
            }
        }
    }
}
